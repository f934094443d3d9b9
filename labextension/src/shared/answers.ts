// Written by tools/tables.py from jupyter_plant_together/shared/answers.json.
export const answers = {
  patterns: {
    errorPage: /^<svg[^>]*><defs\/><g><text (?=[^>]*fill="#33FF02")[^>]*>PlantUML version /is,
    where: />\[From ([^<>]*?) \(line (\d+)\) \]</is,
    complaint: /fill="#FF0000"(?:(?!fill="#FF0000")[^>])*>([^<>]*)</is,
    unsupported: />Diagram not supported by this release of PlantUML</is,
    badData: />Your data does not sound like /is,
    overflow: /Maximum call stack|too much recursion/is,
    assumed: /^((?:(?!\(Assumed diagram type: ).)*)\(Assumed diagram type: (.*)\)[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*$/is,
    notUnderstood: /^Syntax Error\?$/is,
    exception: /^(?:\(JavaScript\) )?(?:(?:java|net)\.[\w.$]+|\w*Error)(?:: ?|$)/is,
    library: /^[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*!include(?:_many|_once|sub)?[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*<([^\/>]+)/is,
    jarSprite: /^[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*sprite\b.*\bjar:/is,
    salt: /^[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*salt\b/is,
    formula: /<(?:math|latex)>/is
  },
  entities: {
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&apos;': '\'',
    '&amp;': '&'
  },
  complaints: [
    {
      pattern: /^cannot include (.*)$/is,
      sentence: 'fileNotIncluded'
    },
    {
      pattern: /^Unknown built-in function (.*)$/is,
      sentence: 'noBuiltInFunction'
    },
    {
      pattern: /^Function not found (.*)$/is,
      sentence: 'noProcedure'
    },
    {
      pattern: /^You should send a mail to /is,
      sentence: 'engineFailedHere'
    },
    {
      pattern: /^Infinite loop\?$/is,
      sentence: 'endlessLoop'
    },
    {
      pattern: /^Nowhere to return to\.?$/is,
      sentence: 'nowhereToReturn'
    },
    {
      pattern: /^Cannot create group$/is,
      sentence: 'noOpenGroup'
    },
    {
      pattern: /^Use 'allowmixing' /is,
      sentence: 'allowMixing'
    }
  ],
  missingTypes: {
    salt: 'Salt (wireframe)',
    ditaa: 'Ditaa',
    dot: 'DOT (Graphviz)',
    chen: 'Chen entity-relationship',
    chronology: 'Chronology',
    files: 'Files',
    git: 'Git',
    board: 'Board',
    wire: 'Wire',
    hcl: 'HCL',
    math: 'Math (AsciiMath)',
    latex: 'LaTeX',
    sudoku: 'Sudoku'
  }
} as const;
