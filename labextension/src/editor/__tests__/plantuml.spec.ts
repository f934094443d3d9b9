import { EditorState } from '@codemirror/state';
import {
  ensureSyntaxTree,
  foldable,
  getIndentation,
  IndentContext
} from '@codemirror/language';
import { toggleComment } from '@codemirror/commands';
import type { TransactionSpec } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { plantuml } from '../plantuml';

function state(doc: string): EditorState {
  return EditorState.create({ doc, extensions: [plantuml()] });
}

/** Tokens of a text as [text, name]. */
function tokens(doc: string): [string, string][] {
  const found: [string, string][] = [];
  const tree = ensureSyntaxTree(state(doc), doc.length, 5000);
  tree?.iterate({
    enter: node => {
      if (node.name !== 'Document') {
        found.push([doc.slice(node.from, node.to), node.name]);
      }
    }
  });
  return found;
}

function kindOf(doc: string, text: string): string | undefined {
  return tokens(doc).find(([part]) => part === text)?.[1];
}

describe('highlighting', () => {
  it('marks the block, keywords, arrows and labels', () => {
    const doc = '@startuml\nparticipant "Web App" as W\nA -> W : if it works';
    expect(kindOf(doc, '@startuml')).toBe('meta');
    expect(kindOf(doc, 'participant')).toBe('keyword');
    expect(kindOf(doc, '"Web App"')).toBe('string');
    expect(kindOf(doc, '->')).toBe('operator');
    expect(kindOf(doc, ': if it works')).toBe('string');
  });

  it.each([
    '->',
    '-->',
    '<-',
    '<|--',
    '<|..',
    '*--',
    'o--',
    '..>',
    '->x',
    '->>',
    '-[#red,dashed]->',
    '-left->',
    '--',
    '..',
    '||--o{',
    '||..o{',
    '-[hidden]-',
    '}|--||',
    '<->',
    '=>',
    '//--',
    '-up->'
  ])('reads %s as one arrow', arrow => {
    expect(tokens(`A ${arrow} B`)).toContainEqual([arrow, 'operator']);
  });

  it('does not take a hyphen in a name for an arrow', () => {
    expect(kindOf('class a-b', '-')).toBeUndefined();
  });

  it('knows comments of both kinds, over lines', () => {
    expect(kindOf("' hidden -> line", "' hidden -> line")).toBe('lineComment');
    const doc = "/' one\ntwo -> x '/ A -> B";
    expect(tokens(doc)[0]).toEqual(["/' one", 'blockComment']);
    expect(tokens(doc)[1]).toEqual(["two -> x '/", 'blockComment']);
    expect(kindOf(doc, '->')).toBe('operator');
  });

  it('leaves the text of a note alone until its end', () => {
    const doc = 'note left of A\nclass -> if\nend note\nA -> B';
    expect(kindOf(doc, 'class -> if')).toBe('string');
    expect(kindOf(doc, 'end note')).toBe('keyword');
    expect(tokens(doc)).toContainEqual(['->', 'operator']);
  });

  it('reads a note of one line to its end only', () => {
    const doc = 'note over A : if then\nparticipant B';
    expect(kindOf(doc, ': if then')).toBe('string');
    expect(kindOf(doc, 'participant')).toBe('keyword');
  });

  it('takes neither names nor titles for keywords', () => {
    const doc = 'title Place an order\nOrder -> State : x';
    expect(kindOf(doc, 'title')).toBe('keyword');
    expect(kindOf(doc, 'Place an order')).toBe('string');
    expect(kindOf(doc, 'Order')).toBe('variableName');
    expect(kindOf(doc, 'State')).toBe('variableName');
  });

  it('knows the preprocessor', () => {
    const doc =
      '!$n = 3\n!procedure $msg($a)\n!endprocedure\nA -> B %upper("x")';
    expect(kindOf(doc, '!procedure')).toBe('processingInstruction');
    expect(kindOf(doc, '%upper')).toBeDefined();
    expect(tokens(doc).filter(([text]) => text === '$msg')).toHaveLength(1);
  });

  it('marks colours and stereotypes', () => {
    const doc = 'class A <<service>> #LightBlue';
    expect(kindOf(doc, '<<service>>')).toBe('annotation');
    expect(kindOf(doc, '#LightBlue')).toBe('atom');
  });
});

describe('folding', () => {
  function fold(doc: string, line: number): string | null {
    const editor = state(doc);
    const { from, to } = editor.doc.line(line);
    const range = foldable(editor, from, to);
    return range && editor.sliceDoc(range.from, range.to);
  }

  it('folds a diagram', () => {
    expect(fold('@startuml\nA -> B\n@enduml', 1)).toBe('\nA -> B');
  });

  it('folds nested blocks to their own end', () => {
    const doc =
      'alt a\n  loop 3\n    A -> B\n  end\nelse\n  B -> A\nend\nC -> D';
    expect(fold(doc, 1)).toBe('\n  loop 3\n    A -> B\n  end\nelse\n  B -> A');
    expect(fold(doc, 2)).toBe('\n    A -> B');
    expect(fold(doc, 3)).toBeNull();
  });

  it('folds braces, notes and procedures', () => {
    expect(fold('class A {\n  +x\n}', 1)).toBe('\n  +x');
    expect(fold('note left\n  text\nend note', 1)).toBe('\n  text');
    expect(fold('!procedure $a()\nA -> B\n!endprocedure', 1)).toBe('\nA -> B');
    expect(fold('note left of A : short\nA -> B', 1)).toBeNull();
  });

  it('does not fold what is never closed', () => {
    expect(fold('@startuml\nA -> B\n@startuml\n@enduml', 1)).toBeNull();
    expect(fold('class A {\n  +x', 1)).toBeNull();
  });
});

describe('indentation', () => {
  function indent(doc: string, line: number): number | null {
    const editor = state(doc);
    return getIndentation(editor, editor.doc.line(line).from);
  }

  it('goes in after an opening line and out at its end', () => {
    const doc = 'alt ok\nA -> B\nelse\nB -> A\nend';
    expect(indent(doc, 2)).toBe(2);
    expect(indent('alt ok\n  A -> B\nelse', 3)).toBe(0);
    expect(indent('alt ok\n  A -> B\nelse\nx', 4)).toBe(2);
    expect(indent('alt ok\n  A -> B\nend', 3)).toBe(0);
    expect(indent('class A {\n+x\n}', 2)).toBe(2);
    expect(indent('class A {\n  +x\n}', 3)).toBe(0);
  });

  it('keeps the level inside a diagram', () => {
    expect(indent('@startuml\nA -> B', 2)).toBe(0);
    expect(indent('  A -> B\n\nB -> A', 3)).toBe(2);
  });

  it('indents the line that Enter is about to make', () => {
    const editor = state('class A {');
    const context = new IndentContext(editor, { simulateBreak: 9 });
    expect(getIndentation(context, 9)).toBe(2);
  });
});

describe('comments', () => {
  it('toggles with an apostrophe', () => {
    let editor = state('A -> B');
    const target = () => ({
      state: editor,
      dispatch: (spec: TransactionSpec) => {
        editor = editor.update(spec).state;
      }
    });
    toggleComment(target());
    expect(editor.doc.toString()).toBe("' A -> B");
    toggleComment(target());
    expect(editor.doc.toString()).toBe('A -> B');
  });
});
