/**
 * The words of PlantUML, in the groups in which they are coloured. In lower
 * case only: PlantUML reads them in any, but "Order" and "State" are names.
 */

function words(list: string): RegExp {
  return new RegExp(`^(?:${list.trim().split(/\s+/).join('|')})(?![\\w-])`);
}

/** Words that declare an element. */
export const DECLARATION = words(`
  abstract actor agent annotation archimate artifact boundary box card circle
  class cloud collections component control database dataclass diamond entity
  enum exception file folder frame hexagon interface json label map metaclass
  namespace node object package participant partition person portin portout
  port process protocol queue rectangle record relationship stack state static
  storage struct stereotype together usecase concise robust clock binary analog
  network component`);

/** Words that steer the drawing. */
export const KEYWORD = words(`
  activate again allow_mixing allowmixing also alt as autoactivate autonumber
  backward bottom break caption case center completed create critical
  deactivate destroy detach direction down else elseif end endfork endheader
  endfooter endif endlegend endnote endref endsplit endswitch endtitle
  endwhile extends footbox footer fork from goto group happens header hide
  hnote if implements is kill lasts left legend link loop mainframe newpage not
  note of on opt order over par remove repeat requires restore return right
  rnote rotate ref scale sep show skin skinparam split sprite start starts stop
  switch then title to top unlinked up url while with`);

/** Preprocessor directives, after the exclamation mark. */
export const DIRECTIVE = new RegExp(
  `^!(?:${`include_many include_once includesub includeurl includedef include
  import theme pragma option definelong enddefinelong define undef ifdef ifndef
  if elseif else endif endwhile while foreach endfor endfunction function
  endprocedure procedure unquoted final return local global log dump_memory
  assert startsub endsub exit`
    .trim()
    .split(/\s+/)
    .join('|')})(?!\\w)`,
  'i'
);

const START_HEAD = String.raw`<\|?|<<|[ox*+#^](?!\w)|\|o|\|\||\}[o|]|\/\/?|\\\\?`;
const END_HEAD = String.raw`\|?>{1,2}(?:[ox](?!\w))?|[*+#^](?=[\s"]|$)|[ox](?=[\s"]|$)|o\||\|\||o\{|\|\{|\/\/?|\\\\?`;
const STYLE = String.raw`\[[^\]]{0,200}\]`;
const WAY = String.raw`(?:left|right|up|down|le|ri|do|[lrud])(?=[-.=])`;
// One run of dashes, or two with something between: a run is never read as two.
const SHAFT = String.raw`[-.=~]+(?:(?:${STYLE}(?:${WAY})?|${WAY})[-.=~]*)?`;

/**
 * Arrows and links between elements: a shaft with a head at either end, or a
 * shaft of two or more characters. A lone hyphen is part of a name.
 */
export const ARROW = new RegExp(
  `^(?:(?:${START_HEAD})${SHAFT}(?:${END_HEAD})?|${SHAFT}(?:${END_HEAD})|[-.=~](?:${STYLE})?(?:(?:left|right|up|down)(?=[-.=]))?[-.=~]+)`,
  'i'
);
