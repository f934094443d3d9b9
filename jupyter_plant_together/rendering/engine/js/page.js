// The little of a page that the engine uses, without a page. (labextension/src/render/svgdom.ts is its twin.)
//
// The engine builds its picture with createElementNS and serialises it once. Elements hold attributes and
// children in plain arrays. Text is measured by __measure. Evaluated after Graphviz, which looks at `document`.
'use strict';
(function (g) {
  function escape(text, attribute) {
    const escaped = String(text)
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '') // XML forbids these
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;');
    return attribute ? escaped.replace(/"/g, '&quot;') : escaped;
  }

  // #RRGGBBAA is written as colour and opacity: programs that do not know it draw black.
  function serializeAttribute(name, value) {
    if ((name === 'fill' || name === 'stroke') && /^#[0-9a-f]{8}$/i.test(value)) {
      const alpha = parseInt(value.slice(7), 16);
      return alpha === 0
        ? ` ${name}="none"`
        : ` ${name}-opacity="${(alpha / 255).toFixed(3)}" ${name}="${value.slice(0, 7)}"`;
    }
    return ` ${name}="${escape(value, true)}"`;
  }

  class FakeElement {
    constructor(tagName) {
      this.tagName = tagName;
      this.style = {};
      this.parent = null;
      this.width = this.height = 0;
      this.attributes = new Map();
      this.children = [];
      this.text = null;
    }
    setAttribute(name, value) {
      this.attributes.set(name, String(value));
    }
    setAttributeNS(_namespace, name, value) {
      this.setAttribute(name, value);
    }
    getAttribute(name) {
      return this.attributes.get(name) ?? null;
    }
    removeAttribute(name) {
      this.attributes.delete(name);
    }
    appendChild(node) {
      node.parent?.removeChild(node);
      node.parent = this;
      this.children.push(node);
      return node;
    }
    removeChild(node) {
      const index = this.children.lastIndexOf(node);
      if (index >= 0) this.children.splice(index, 1);
      node.parent = null;
      return node;
    }
    get firstChild() {
      return this.children[0] ?? null;
    }
    get lastChild() {
      return this.children[this.children.length - 1] ?? null;
    }
    get ownerDocument() {
      return page;
    }
    get textContent() {
      return this.text ?? this.children.map(child => child.textContent ?? '').join('');
    }
    set textContent(value) {
      this.children = [];
      this.text = value == null ? '' : String(value);
    }
    get font() {
      const weight = this.getAttribute('font-weight');
      const bold = weight === 'bold' || Number(weight) >= 600 ? 'bold ' : '';
      return `${bold}${this.getAttribute('font-size') ?? '14'}px ${this.getAttribute('font-family') ?? 'sans-serif'}`;
    }
    getBBox() {
      const size = g.__measure(this.text ?? '', this.font);
      return { x: 0, y: -size.ascent, width: size.width, height: size.ascent + size.descent };
    }
    getContext() {
      return (this.context ??= new FakeContext());
    }
    toDataURL() {
      const pixels = this.context?.pixels;
      return pixels ? pngDataUrl(this.width, this.height, pixels) : '';
    }
    serialize() {
      let head = `<${this.tagName}`;
      if (this.tagName === 'svg' && !this.attributes.has('xmlns:xlink')) {
        head += ' xmlns:xlink="http://www.w3.org/1999/xlink"';
      }
      for (const [name, value] of this.attributes) head += serializeAttribute(name, value);
      // A viewer with another font keeps the layout, as with the jar's SVG.
      if (this.tagName === 'text' && this.text && this.text.length > 1 && !this.attributes.has('textLength')) {
        const { width } = g.__measure(this.text, this.font);
        head += ` textLength="${+width.toFixed(2)}" lengthAdjust="spacingAndGlyphs"`;
      }
      const inner = this.children.length
        ? this.children.map(child => child.markup ?? child.serialize()).join('')
        : escape(this.text ?? '', false);
      return inner ? `${head}>${inner}</${this.tagName}>` : `${head}/>`;
    }
  }

  class FakeContext {
    constructor() {
      this.font = '10px sans-serif';
      this.pixels = null;
    }
    measureText(text) {
      const { width, ascent, descent } = g.__measure(text, this.font);
      return {
        width,
        actualBoundingBoxAscent: ascent,
        actualBoundingBoxDescent: descent,
        fontBoundingBoxAscent: ascent,
        fontBoundingBoxDescent: descent
      };
    }
    createImageData(width, height) {
      return { width, height, data: new Uint8ClampedArray(width * height * 4) };
    }
    putImageData(image) {
      this.pixels = image.data;
    }
  }

  // Sprites become PNGs: stored blocks, no compression, as they are a few hundred pixels.
  const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  const uint32 = value => [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

  function chunk(type, data) {
    const body = [...type].map(char => char.charCodeAt(0)).concat(data);
    let c = 0xffffffff;
    for (const byte of body) c = CRC[(c ^ byte) & 255] ^ (c >>> 8);
    return uint32(data.length).concat(body, uint32((c ^ 0xffffffff) >>> 0));
  }

  function zlib(raw) {
    const out = [0x78, 1];
    let a = 1;
    let b = 0;
    for (let i = 0; i < raw.length; ) {
      const size = Math.min(65535, raw.length - i);
      out.push(i + size >= raw.length ? 1 : 0, size & 255, size >> 8, ~size & 255, (~size >> 8) & 255);
      for (const end = i + size; i < end; i++) {
        out.push(raw[i]);
        a = (a + raw[i]) % 65521;
        b = (b + a) % 65521;
      }
    }
    out.push(b >> 8, b & 255, a >> 8, a & 255);
    return out;
  }

  function pngDataUrl(width, height, pixels) {
    const raw = [];
    for (let y = 0; y < height; y++) {
      raw.push(0);
      for (let x = 0; x < width * 4; x++) raw.push(pixels[y * width * 4 + x]);
    }
    const png = [137, 80, 78, 71, 13, 10, 26, 10].concat(
      chunk('IHDR', uint32(width).concat(uint32(height), [8, 6, 0, 0, 0])),
      chunk('IDAT', zlib(raw)),
      chunk('IEND', [])
    );
    let binary = '';
    for (const byte of png) binary += String.fromCharCode(byte);
    return 'data:image/png;base64,' + g.btoa(binary);
  }

  const page = {
    createElement: tag => new FakeElement(tag),
    createElementNS: (_namespace, tag) => new FakeElement(tag),
    createProcessingInstruction: () => ({ markup: '' }), // holds the encoded source: left out
    getElementById: () => null,
    importNode: node => node
  };
  page.body = page.createElement('body');
  page.head = page.createElement('head');

  g.window = g;
  g.document = page;
  g.XMLSerializer = class {
    serializeToString(element) {
      return element.serialize();
    }
  };
  g.DOMParser = class {
    parseFromString(markup) { // the engine asks for the root's name, then imports it: text is enough
      const text = String(markup).replace(/^\s*<\?xml[^>]*\?>/, '');
      const tag = /^\s*<([\w:-]+)/.exec(text);
      return { documentElement: { markup: text, tagName: tag ? tag[1] : '' } };
    }
  };

  // --- timers ------------------------------------------------------------------------------------

  const due = [];
  let timers = 0;
  g.setTimeout = function (callback) {
    due.push(callback);
    return ++timers;
  };
  g.clearTimeout = function () {};

  // --- side files: the host evaluates the one that is wanted, then draws again ---------------------

  g.PLANTUML_STDLIB_LOADER = function (url, done, failed) {
    const loaded = {
      'themes.js': g.PLANTUML_THEMES,
      'emoji.js': g.PLANTUML_EMOJI,
      'openiconic.js': g.PLANTUML_OPENICONIC
    };
    const library = String(url).replace(/\.min\.js$/, '');
    if (loaded[url] || (g.PLANTUML_STDLIB_INFO && Object.hasOwn(g.PLANTUML_STDLIB_INFO, library))) {
      done();
      return;
    }
    g.__wanted = String(url);
    failed('no library ' + library);
  };

  g.__addLibrary = function (name, files) {
    (g.PLANTUML_STDLIB ??= {})[name] = files;
    (g.PLANTUML_STDLIB_JSON ??= {})[name] = {};
    (g.PLANTUML_STDLIB_INFO ??= {})[name] = {};
  };

  // --- drawing -----------------------------------------------------------------------------------

  // A resolved instance as a thenable that answers at once.
  g.__useViz = function (viz) {
    g.Viz = {
      instance: () => ({
        then(callback) {
          callback(viz);
          return { catch() {} };
        }
      })
    };
  };

  function once(lines, dark) {
    let answer = { error: 'no result' };
    g.PUML.renderToString(
      lines,
      svg => { answer = { svg }; },
      error => { answer = { error: String(error) }; },
      { dark, maxSvgSize: 0 }
    );
    while (due.length) due.shift()();
    return answer;
  }

  const PRIME = ['@startuml', 'A->B', '@enduml']; // puts back which diagram type is tried first

  g.__draw = function (source, dark) {
    due.length = 0;
    g.__wanted = null;
    g.__pl_script_state = {};
    once(PRIME, false);
    let answer;
    try {
      answer = once(source.split(/\r\n|\r|\n/), dark);
    } catch (error) {
      answer = { error: String(error) };
    }
    return JSON.stringify({ ...answer, wanted: g.__wanted });
  };
})(globalThis);
