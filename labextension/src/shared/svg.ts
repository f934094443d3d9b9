// Written by tools/tables.py from jupyter_plant_together/shared/svg.json.
export const svg = {
  elements: [
    'svg',
    'g',
    'defs',
    'title',
    'text',
    'tspan',
    'rect',
    'line',
    'path',
    'polygon',
    'polyline',
    'ellipse',
    'circle',
    'image',
    'linearGradient',
    'radialGradient',
    'stop',
    'clipPath',
    'filter',
    'feGaussianBlur',
    'feOffset',
    'feColorMatrix',
    'feBlend',
    'feFlood',
    'feComposite',
    'feMerge',
    'feMergeNode'
  ],
  patterns: {
    numbers: /^[-+0-9.e,% \t\r\n]*(?:px|pt|em|%)?$/is,
    words: /^[^\x00-\x08\x0b\x0c\x0e-\x1f\\():;{}<>@]{0,500}$/is,
    font: /^(?!.*(?:url|expression)[ \t]*\()[^\x00-\x08\x0b\x0c\x0e-\x1f:]{0,500}$/is,
    path: /^[-+0-9., \t\r\nmlhvcsqtaze]*$/is,
    colour: /^(?:#[0-9a-f]{3,8}|[a-z]{1,30}|rgba?\([0-9.,% \t\r\n]*\)|hsla?\([0-9.,% \t\r\n]*\)|url\(#[\w:.-]+\))$/is,
    transform: /^(?:(?:translate|rotate|scale|matrix|skewX|skewY)\([-+0-9.e, \t\r\n]*\)[ \t\r\n,]*)*$/is,
    reference: /^(?:url\(#[\w:.-]+\)|none)$/is,
    text: /^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$/is,
    space: /^(?:preserve|default)$/is,
    picture: /^data:image\/(?:png|jpeg|gif);base64,[a-z0-9+\/= \t\r\n]*$/is,
    dataName: /^data-[a-z][a-z0-9-]{0,60}$/is,
    transparent: /^#[0-9a-f]{6}00$/is
  },
  attributes: {
    numbers: [
      'x',
      'y',
      'x1',
      'y1',
      'x2',
      'y2',
      'cx',
      'cy',
      'fx',
      'fy',
      'r',
      'rx',
      'ry',
      'dx',
      'dy',
      'width',
      'height',
      'offset',
      'opacity',
      'fill-opacity',
      'stroke-opacity',
      'stop-opacity',
      'flood-opacity',
      'stroke-width',
      'stroke-dasharray',
      'stroke-dashoffset',
      'stroke-miterlimit',
      'textLength',
      'font-size',
      'letter-spacing',
      'word-spacing',
      'baseline-shift',
      'rotate',
      'viewBox',
      'points',
      'stdDeviation',
      'values',
      'k1',
      'k2',
      'k3',
      'k4',
      'version'
    ],
    words: [
      'font-weight',
      'font-style',
      'font-variant',
      'text-anchor',
      'text-decoration',
      'dominant-baseline',
      'alignment-baseline',
      'lengthAdjust',
      'preserveAspectRatio',
      'stroke-linecap',
      'stroke-linejoin',
      'fill-rule',
      'clip-rule',
      'display',
      'visibility',
      'gradientUnits',
      'spreadMethod',
      'clipPathUnits',
      'filterUnits',
      'primitiveUnits',
      'type',
      'in',
      'in2',
      'result',
      'mode',
      'operator',
      'color-interpolation-filters',
      'shape-rendering',
      'text-rendering',
      'image-rendering'
    ],
    font: [
      'font-family'
    ],
    path: [
      'd'
    ],
    colour: [
      'fill',
      'stroke',
      'color',
      'stop-color',
      'flood-color'
    ],
    transform: [
      'transform',
      'gradientTransform'
    ],
    reference: [
      'clip-path',
      'filter'
    ],
    text: [
      'id',
      'class'
    ],
    space: [
      'xml:space'
    ]
  },
  notInStyle: [
    'id',
    'class',
    'd',
    'x',
    'y',
    'xml:space'
  ],
  onlyInStyle: [
    'white-space'
  ],
  paper: [
    'background',
    'background-color'
  ]
} as const;
