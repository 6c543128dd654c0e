import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { panelsSchema } from '../../../src/datasets/dataset-spec.ts';
import { PANEL_SKIP_REASONS } from '../../../src/datasets/panel-files/file-panels.ts';
import { readPagePanels } from '../../../src/datasets/panel-files/page-panels.ts';

const PAGE = { width: 200, height: 100 };
const BOX = [100, 200, 500, 600];
const VLM = panelsSchema.parse({ format: 'vlm' });
const OCR = panelsSchema.parse({ format: 'ocr' });

function vlm(panels: unknown, maxPanels = 16) {
  return readPagePanels({ panels }, VLM, PAGE, maxPanels);
}
function ocr(panels: unknown) {
  return readPagePanels({ panels }, OCR, PAGE, 16);
}
const readTexts = (panels: unknown) => vlm(panels).panels.map(({ text }) => text);

describe('a panel file', () => {
  it('has no panels if it is not an object', () => {
    for (const json of [null, 'text', 7, ['not', 'a', 'dict']]) {
      const { panels, skipped, problem, overallSummary } = readPagePanels(json, VLM, PAGE, 16);
      assert.deepEqual(
        { panels, skipped, problem: problem?.reason, overallSummary },
        {
          panels: [],
          skipped: [],
          problem: 'not_an_object',
          overallSummary: '',
        },
      );
    }
  });

  it('has the problem no_panel_list without a list of panels', () => {
    for (const panels of [undefined, 'text', 3]) assert.equal(vlm(panels).problem?.reason, 'no_panel_list');
    assert.equal(vlm([]).problem, null);
  });

  it('may be an object of named panels', () => {
    const { panels, problem } = vlm({ a: { box_2d: BOX, description: 'one' }, b: { box_2d: BOX, description: 'two' } });
    assert.deepEqual(
      panels.map(({ index, text }) => [index, text]),
      [
        [0, 'one'],
        [1, 'two'],
      ],
    );
    assert.equal(problem, null);
  });

  it('may have a summary', () => {
    const summaryOf = (overall_summary: unknown) =>
      readPagePanels({ overall_summary, panels: [] }, VLM, PAGE, 16).overallSummary;
    assert.equal(summaryOf('A page'), 'A page');
    assert.equal(summaryOf(undefined), '');
    assert.equal(summaryOf(null), '');
  });

  it('is cut to the maximum number of panels before bad ones are skipped', () => {
    const { panels, skipped } = vlm(['no panel', { box_2d: BOX }, { box_2d: BOX }, null], 2);
    assert.deepEqual(
      panels.map(({ index }) => index),
      [1],
    );
    assert.deepEqual(skipped, [
      { panel: 0, reason: 'not_an_object' },
      { panel: 2, reason: 'over_limit' },
      { panel: 3, reason: 'over_limit' },
    ]);
  });
});

describe('a VLM panel', () => {
  const reasons: [panel: unknown, reason: string][] = [
    ['text', 'not_an_object'],
    [[], 'not_an_object'],
    [null, 'not_an_object'],
    [{}, 'no_box'],
    [{ box_2d: null }, 'no_box'],
    [{ box_2d: [1, 2, 3] }, 'bad_box'],
    [{ box_2d: ['100', '100', '300', '300'] }, 'bad_box'],
    [{ box_2d: [null, 100, 300, 300] }, 'bad_box'],
    [{ box_2d: [0, 0, Number.POSITIVE_INFINITY, 10] }, 'bad_box'],
    [{ box_2d: { a: 1 } }, 'bad_box'],
    [{ box_2d: [0, 0, 1e-9, 900] }, 'under_a_pixel'],
    [{ box_2d: [0.031, 0.041, 0.276, 0.96] }, 'boxes_in_fractions'],
    [{ box_2d: [31, 41, 31.2, 960] }, 'under_a_pixel'],
    [{ box_2d: [0, -1e15, 1000, 1000] }, 'bad_box'],
    [{ box_2d: [900, 900, 800, 950] }, 'no_area'],
    [{ box_2d: [300, 300, 300, 600] }, 'no_area'],
    [{ box_2d: [1000, 0, 1100, 500] }, 'outside_page'],
    [{ box_2d: [-300, 0, -100, 100] }, 'outside_page'],
  ];
  for (const [panel, reason] of reasons) {
    it(`is skipped: ${JSON.stringify(panel)} is ${reason}`, () => {
      assert.deepEqual(vlm([panel]).skipped, [{ panel: 0, reason }]);
      assert.deepEqual(vlm([panel]).panels, []);
    });
  }

  it('gets the next number if it has none', () => {
    const third = vlm([
      { box_2d: BOX, panel_number: 5 },
      'no panel',
      { box_2d: BOX },
      { box_2d: BOX, panel_number: 'four' },
      { box_2d: BOX, panel_number: null },
      { box_2d: BOX, panel_number: Number.POSITIVE_INFINITY },
    ]).panels.map(({ composition }) => composition[2]);
    assert.deepEqual(
      third,
      [4, 1, 2, 3, 4].map((steps) => Math.fround(steps / 15)),
    );
  });

  it('joins description and lettering', () => {
    assert.deepEqual(
      readTexts([
        { box_2d: BOX, description: ' A roof. ', text_content: [{ text: 'Who?' }, { text: '  ' }, { text: 'KRAK!' }] },
        { box_2d: BOX, description: ['Rain', '', null, 'falls'], text_content: null },
        { box_2d: BOX, text_content: [{ text: ['two', 'parts'] }, 'not a dict', null, ['x'], { text: null }, {}] },
        { box_2d: BOX, description: ' ', text_content: [] },
        { box_2d: BOX },
      ]),
      ['A roof. Who? KRAK!', 'Rain falls', 'two parts', null, null],
    );
  });

  it('has its description and its lettering apart too', () => {
    const { panels } = vlm([
      { box_2d: BOX, description: ' A roof. ', text_content: [{ text: 'Who?' }, { text: ' KRAK!' }] },
      { box_2d: BOX, description: 'Rain', text_content: [' '] },
      { box_2d: BOX, description: ' ', text_content: [{ text: 'Oh' }] },
      { box_2d: BOX, description: 'A door', dialogue: ['Come', { text: 'in' }] },
      { box_2d: BOX, description: 'A cat \ud83d', text_content: [{ text: '\udc08 Miau' }] },
      { box_2d: BOX },
    ]);
    assert.deepEqual(
      panels.map(({ text, description, lettering }) => [text, description, lettering]),
      [
        ['A roof. Who? KRAK!', 'A roof.', 'Who? KRAK!'],
        ['Rain', 'Rain', null],
        ['Oh', null, 'Oh'],
        ['A door Come in', 'A door', 'Come in'],
        ['A cat   Miau', 'A cat ', ' Miau'],
        [null, null, null],
      ],
    );
  });

  it('is kept with a note if its text is not a string', () => {
    const { panels, notes, skipped } = vlm([
      { box_2d: BOX, description: 7, text_content: [{ text: 'Oh' }] },
      { box_2d: BOX, description: 'fine', text_content: [{ text: { no: 'text' } }] },
      { box_2d: BOX, description: ['a', { b: 1 }] },
      { box_2d: BOX, description: 'fine' },
    ]);
    assert.deepEqual(
      panels.map(({ text }) => text),
      ['Oh', 'fine', 'a', 'fine'],
    );
    assert.deepEqual(
      notes,
      [0, 1, 2].map((index) => ({ panel: index, note: 'bad_text' })),
    );
    assert.deepEqual(skipped, []);
  });
});

describe('an OCR panel', () => {
  it('keeps its text as it is', () => {
    const bbox = [10, 10, 50, 50];
    const { panels, notes } = ocr([{ bbox, text: ' a  b ' }, { bbox, text: ' \n' }, { bbox }, { bbox, text: 5 }]);
    assert.deepEqual(
      panels.map(({ text }) => text),
      [' a  b ', null, null, null],
    );
    assert.deepEqual([panels[0]?.lettering, panels[0]?.description], [' a  b ', null]);
    assert.deepEqual(notes, [{ panel: 3, note: 'bad_text' }]);
  });

  it('is skipped without a box on the page', () => {
    const boxes = [undefined, [1, 2, 3], ['1', 2, 3, 4], [1, 2, 0, 4], [205, 0, 10, 10], [0, 0, 100, 1e-9]];
    const { skipped, panels } = ocr([...boxes.map((bbox) => ({ bbox })), 'text']);
    assert.deepEqual(
      skipped.map(({ reason }) => reason),
      ['no_box', 'bad_box', 'bad_box', 'no_area', 'outside_page', 'under_a_pixel', 'not_an_object'],
    );
    assert.deepEqual(panels, []);
    assert.ok(skipped.every(({ reason }) => PANEL_SKIP_REASONS.includes(reason)));
  });

  it('has a character count of 0', () => {
    const [panel] = ocr([{ bbox: [0, 0, 100, 50], text: 'Hello' }]).panels;
    assert.deepEqual([...panel!.composition], [2, 0.25, 0, 0, 0, 0.25, 0.25]);
    assert.deepEqual(panel!.crop, { left: 0, top: 0, right: 100, bottom: 50 });
  });
});
