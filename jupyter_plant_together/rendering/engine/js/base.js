// What bare V8 lacks of a browser's globals: for Graphviz (Viz.js), which is evaluated next, and for the engine.
// Timers are a queue that the host drains by hand, which makes every drawing synchronous.
'use strict';
globalThis.self = globalThis;
globalThis.location = { href: 'about:blank' };
globalThis.console = { log() {}, info() {}, warn() {}, error() {} };

(function (g) {
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

  g.atob = function (text) {
    let out = '';
    let bits = 0;
    let count = 0;
    for (const char of text) {
      const value = ALPHABET.indexOf(char);
      if (value < 0) continue;
      bits = (bits << 6) | value;
      count += 6;
      if (count >= 8) {
        count -= 8;
        out += String.fromCharCode((bits >> count) & 255);
        bits &= (1 << count) - 1;
      }
    }
    return out;
  };

  g.btoa = function (binary) {
    let out = '';
    for (let i = 0; i < binary.length; i += 3) {
      const [a, b, c] = [0, 1, 2].map(k => binary.charCodeAt(i + k));
      out += ALPHABET[a >> 2] + ALPHABET[((a & 3) << 4) | (b >> 4)];
      out += i + 1 < binary.length ? ALPHABET[((b & 15) << 2) | (c >> 6)] : '=';
      out += i + 2 < binary.length ? ALPHABET[c & 63] : '=';
    }
    return out;
  };

  g.TextEncoder = class {
    encode(text) {
      const bytes = unescape(encodeURIComponent(text));
      return Uint8Array.from({ length: bytes.length }, (_, i) => bytes.charCodeAt(i));
    }
    encodeInto(text, target) {
      const bytes = this.encode(text);
      target.set(bytes);
      return { read: text.length, written: bytes.length };
    }
  };

  g.TextDecoder = class {
    decode(bytes = []) {
      let out = '';
      for (let i = 0; i < bytes.length; ) {
        const c = bytes[i++];
        const next = () => bytes[i++] & 63;
        if (c < 128) out += String.fromCharCode(c);
        else if (c < 224) out += String.fromCodePoint(((c & 31) << 6) | next());
        else if (c < 240) out += String.fromCodePoint(((c & 15) << 12) | (next() << 6) | next());
        else out += String.fromCodePoint(((c & 7) << 18) | (next() << 12) | (next() << 6) | next());
      }
      return out;
    }
  };
})(globalThis);
