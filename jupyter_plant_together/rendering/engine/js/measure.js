// Text widths from the bundled DejaVu fonts. `TABLES` (metrics.json) has, for the faces n (normal), b (bold)
// and m (mono), `ascent`, `descent` and `runs` of [first code point, [widths]], in thousandths of the size.
'use strict';
(function (g, tables) {
  const faces = {};
  for (const [name, table] of Object.entries(tables)) {
    const widths = [];
    for (const [first, run] of table.runs) {
      run.forEach((width, i) => {
        if (width >= 0) widths[first + i] = width;
      });
    }
    faces[name] = { ...table, widths };
  }

  const within = ranges => code => ranges.some(([first, last]) => code >= first && code <= last);
  const isWide = within([
    [0x1100, 0x115f], [0x2e80, 0xa4cf], [0xac00, 0xd7a3], [0xf900, 0xfaff], [0xfe30, 0xfe4f],
    [0xff00, 0xff60], [0xffe0, 0xffe6], [0x1f300, 0x1faff], [0x20000, 0x3fffd]
  ]);
  const isMark = within([
    [0x300, 0x36f], [0x591, 0x5c7], [0x200b, 0x200f], [0xfe00, 0xfe0f], [0xfeff, 0xfeff], [0xe0020, 0xe007f]
  ]);

  function faceOf(font) {
    const size = /([\d.]+)px\s+(.*)$/.exec(font) || ['', 14, 'sans-serif'];
    const style = font.slice(0, Math.max(0, font.indexOf('px')));
    const face = /mono|courier|consol/i.test(size[2])
      ? faces.m
      : /bold|[6-9]00\b/i.test(style.replace(/[\d.]+$/, ''))
        ? faces.b
        : faces.n;
    return { face, scale: Number(size[1]) / 1000 };
  }

  const fonts = new Map();
  g.__measure = function (text, font) {
    let known = fonts.get(font);
    if (!known) {
      if (fonts.size > 1000) fonts.clear();
      fonts.set(font, (known = faceOf(font)));
    }
    const { face, scale } = known;
    let width = 0;
    for (const char of String(text)) {
      const code = char.codePointAt(0);
      width += isMark(code) ? 0 : face.widths[code] ?? (isWide(code) ? 1000 : 600);
    }
    return { width: width * scale, ascent: face.ascent * scale, descent: face.descent * scale };
  };
})(globalThis, TABLES);
