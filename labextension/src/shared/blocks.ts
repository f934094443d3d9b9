// Written by tools/tables.py from jupyter_plant_together/shared/blocks.json.
export const blocks = {
  patterns: {
    lineEnd: /\r\n|\r|\n/is,
    blank: /^[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*$/is,
    leading: /^(?:[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]|[\r\n])+/is,
    trailing: /(?<![\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]|[\r\n])(?:[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]|[\r\n])+$/is,
    start: /^[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*@start([a-z]+)/is,
    end: /^[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*@end[a-z]*/is,
    newPage: /^[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*newpage\b/is,
    comment: /^[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*'/is,
    lasting: /^[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*(?:!|skinparam\b|hide\b|show\b|title\b|header\b|footer\b|scale\b|autonumber\b|autoactivate\b|box\b|end ?box\b|(?:create[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+)?(?:participant|actor|boundary|control|entity|database|collections|queue)\b)/is,
    styleBegins: /^[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*<style>/is,
    styleEnds: /^[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*<\/style>/is,
    skinBegins: /^[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*skinparam\b.*\{[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*$/is,
    skinEnds: /^[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*\}/is,
    definitionBegins: /^[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*!(?:(?:unquoted|final)[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+)*(?:function|procedure)\b(?!.*\breturn\b)/is,
    definitionEnds: /^[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*!end[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*(?:function|procedure)\b/is
  },
  spans: [
    [
      'styleBegins',
      'styleEnds'
    ],
    [
      'skinBegins',
      'skinEnds'
    ],
    [
      'definitionBegins',
      'definitionEnds'
    ]
  ],
  tight: [
    'json',
    'yaml',
    'mindmap',
    'wbs',
    'ebnf',
    'regex',
    'chart',
    'packetdiag',
    'nwdiag',
    'gantt'
  ],
  margin: 8,
  pagesAtMost: 200
} as const;
