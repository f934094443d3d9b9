// Written by tools/tables.py from jupyter_plant_together/shared/sentences.json.
import type { TranslationBundle } from '@jupyterlab/translation';

export const sentences = {
  notUnderstood: (trans: TranslationBundle): string =>
    trans.__('This line is not understood.'),
  notUnderstoodAs: (trans: TranslationBundle, type: string): string =>
    trans.__('This line is not understood (read as: %1 diagram).', type),
  fileNotIncluded: (trans: TranslationBundle, file: string): string =>
    trans.__('The file %1 cannot be included: the built-in engine reads no other files.', file),
  noBuiltInFunction: (trans: TranslationBundle, name: string): string =>
    trans.__('There is no built-in function %1.', name),
  noProcedure: (trans: TranslationBundle, name: string): string =>
    trans.__('There is no procedure or function %1 that takes these arguments.', name),
  engineFailedHere: (trans: TranslationBundle): string =>
    trans.__('The drawing engine failed at this line.'),
  endlessLoop: (trans: TranslationBundle): string =>
    trans.__('This loop does not end.'),
  nowhereToReturn: (trans: TranslationBundle): string =>
    trans.__('Nobody is active here, so there is nothing to return to.'),
  noOpenGroup: (trans: TranslationBundle): string =>
    trans.__('There is no open group here for this line to end.'),
  allowMixing: (trans: TranslationBundle): string =>
    trans.__('A class diagram takes no other elements: write “allowmixing” in a line at the top to mix them.'),
  engineFailed: (trans: TranslationBundle, reason: string): string =>
    trans.__('The drawing engine failed: %1', reason),
  engineLost: (trans: TranslationBundle): string =>
    trans.__('The drawing engine cannot make sense of this text; something in it is probably incomplete.'),
  tooDeep: (trans: TranslationBundle): string =>
    trans.__('The diagram has too many parts, or too many levels, for the built-in engine.'),
  notValidData: (trans: TranslationBundle, format: string): string =>
    trans.__('This is not valid %1.', format),
  typeNotDrawn: (trans: TranslationBundle, type: string): string =>
    trans.__('The built-in engine does not draw this type: %1. A PlantUML server or the PlantUML jar can (PlantTogether.render_backend = "server" or "jar").', type),
  libraryMissing: (trans: TranslationBundle, library: string): string =>
    trans.__('The library <%1> is not part of the built-in engine. A PlantUML server or the PlantUML jar has it (PlantTogether.render_backend = "server" or "jar").', library),
  jarSprites: (trans: TranslationBundle): string =>
    trans.__('sprites of the jar'),
  formulas: (trans: TranslationBundle): string =>
    trans.__('formulas'),
  endMissing: (trans: TranslationBundle, type: string): string =>
    trans.__('The line @end%1 is missing.', type),
  groupNotEnded: (trans: TranslationBundle, word: string): string =>
    trans.__('Nothing ends this “%1”: a line “end” is missing.', word)
};
