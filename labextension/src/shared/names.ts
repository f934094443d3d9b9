// Written by tools/tables.py from jupyter_plant_together/shared/names.json.
export const names = {
  roomLength: 64,
  documentLength: 128,
  defaultExtension: '.puml',
  textExtensions: [
    '.puml',
    '.plantuml',
    '.iuml',
    '.pu',
    '.wsd'
  ],
  patterns: {
    extension: /.\.[a-z][a-z0-9]{0,15}$/is
  }
} as const;
