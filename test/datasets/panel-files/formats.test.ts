import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { panelsSchema } from '../../../src/datasets/dataset-spec.ts';
import { readPagePanels } from '../../../src/datasets/panel-files/page-panels.ts';
import type { PageSize } from '../../../src/preprocess/boxes.ts';
import { mulberry32 } from '../../support/mulberry32.ts';
import { testSeed } from '../../support/seed.ts';
import { makePage, toCoco, toKumiko, toMagi, toMokuroPage, toOcr } from './made-panel-files.ts';

const PAGE = { width: 900, height: 1200 };

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(path.join(import.meta.dirname, '../../fixtures', `${name}.json`), 'utf8'));
}

interface Options {
  readonly page?: PageSize;
  readonly texts?: unknown;
  readonly [field: string]: unknown;
}

/** Reads a file and lists what its panels are made of. */
function read(json: unknown, { page = PAGE, texts, ...fields }: Options = {}) {
  const { panels, notes, skipped, problem } = readPagePanels(json, panelsSchema.parse(fields), page, 16, texts);
  return {
    crops: panels.map(({ crop: { left, top, right, bottom } }) => [left, top, right, bottom]),
    texts: panels.map(({ text }) => text),
    compositions: panels.map(({ composition }) => [...composition]),
    notes: notes.map(({ note }) => note),
    reasons: skipped.map(({ reason }) => reason),
    problem,
  };
}

const CROPS = [
  [30, 30, 870, 410],
  [30, 430, 430, 1130],
];

describe('files of other tools', () => {
  it('are found out by what they hold', () => {
    assert.deepEqual(read(fixture('other-tools/kumiko')).crops, CROPS);
    assert.deepEqual(read(fixture('other-tools/kumiko')).notes, ['read_as_kumiko']);
    assert.deepEqual(read(fixture('other-tools/coco')).crops, CROPS);
    assert.deepEqual(read(fixture('other-tools/coco')).notes, ['read_as_coco']);
    const magi = read(fixture('other-tools/magi'));
    assert.deepEqual(
      [magi.crops, magi.texts],
      [
        [CROPS[0], [30, 430, 431, 1130]],
        ['Who goes there?', null],
      ],
    );
    assert.deepEqual(magi.notes, ['read_as_magi']);
    const mokuro = read(fixture('other-tools/mokuro'));
    assert.deepEqual([mokuro.crops, mokuro.texts], [[[0, 0, 900, 1200]], ['Who goes there?']]);
    assert.deepEqual(mokuro.notes, ['read_as_mokuro']);
    assert.deepEqual(read(fixture('panel-files/vlm-as-saved')).notes, ['read_as_vlm']);
    assert.deepEqual(read(fixture('panel-files/ocr-as-saved')).notes, ['read_as_ocr']);
    assert.deepEqual(read({ panels: [] }).problem, null);
  });

  it('are not guessed', () => {
    for (const json of [
      { boxes: [] },
      { panels: [[1, 2, 3, 4]] },
      { panels: [{ box: [1, 2, 3, 4] }] },
      { panels: [{ box_2d: [1, 2, 3, 4] }, { bbox: [1, 2, 3, 4] }] },
      [{ image_id: 1, category_id: 1, bbox: [1, 2, 3, 4], score: 0.5 }],
      [1, 2],
    ])
      assert.equal(read(json).problem?.reason, 'unknown_format', JSON.stringify(json));
    for (const json of ['text', null]) assert.equal(read(json).problem?.reason, 'not_an_object');
    assert.match(read({ boxes: [], model: 'x' }).problem?.detail ?? '', /"boxes", "model"/);
  });

  it('are refused under the name of another format', () => {
    for (const [name, format, found] of [
      ['magi', 'kumiko', 'magi'],
      ['kumiko', 'magi', 'kumiko'],
      ['coco', 'vlm', 'coco'],
      ['mokuro', 'ocr', 'mokuro'],
    ]) {
      const { problem } = read(fixture(`other-tools/${name}`), { format });
      assert.equal(problem?.reason, 'other_format');
      assert.match(problem.detail, new RegExp(`format ${found}, .* says ${format}`));
    }
    assert.equal(read(fixture('panel-files/ocr-as-saved'), { format: 'vlm' }).problem?.reason, 'other_format');
    assert.equal(read({ panels: [], size: [1, 1], filename: 'a.jpg' }, { format: 'vlm' }).problem, null);
  });

  it('give what the OCR form of the same boxes gives', (t) => {
    const random = mulberry32(testSeed(t));
    for (let i = 0; i < 50; i++) {
      const made = makePage('page', random, { fractions: i % 2 === 0 });
      const ocr = read(toOcr(made), { page: made, format: 'ocr' });
      const texts = toMokuroPage(made);
      const others = {
        coco: read(toCoco([made]), { page: made, format: 'coco' }),
        kumiko: read([toKumiko(made)], { page: made, format: 'kumiko', texts }),
        magi: read(toMagi(made), { page: made, format: 'magi' }),
      };
      assert.ok(ocr.crops.length > 0);
      for (const [name, other] of Object.entries(others)) assert.deepEqual(other, ocr, name);
      const whole = {
        bbox: [0, 0, made.width, made.height],
        text: made.panels
          .map(({ text }) => text)
          .filter(Boolean)
          .join(' '),
      };
      assert.deepEqual(
        read(texts, { page: made, format: 'mokuro' }),
        read({ panels: [whole] }, { page: made, format: 'ocr' }),
      );
    }
  });

  it('may be drawn on another size of the picture', () => {
    const half = { width: 450, height: 600 };
    const scaled = read(fixture('other-tools/coco'), { page: half });
    assert.deepEqual(scaled.crops, [
      [15, 15, 435, 205],
      [15, 215, 215, 565],
    ]);
    assert.deepEqual(scaled.notes, ['read_as_coco', 'scaled_boxes']);
    const turned = read(fixture('other-tools/kumiko'), { page: { width: 1200, height: 900 } });
    assert.equal(turned.problem?.reason, 'other_size');
  });
});

describe('Kumiko', () => {
  it('is refused with several pages in the file of one', () => {
    const page = { filename: 'a.jpg', size: [900, 1200], panels: [[0, 0, 9, 9]] };
    assert.equal(read([page, page]).problem?.reason, 'many_pages');
  });

  it('has panels that may be bad', () => {
    const panels = [[0, 0, 9], [0, 0, 0, 9], [900, 0, 9, 9], null, [0, 0, 9, 9]];
    const { reasons, crops } = read({ panels }, { format: 'kumiko' });
    assert.deepEqual(reasons, ['bad_box', 'no_area', 'outside_page', 'no_box']);
    assert.deepEqual(crops, [[0, 0, 9, 9]]);
  });
});

describe('Magi', () => {
  it('clips boxes that begin before the page', () => {
    assert.deepEqual(read({ panels: [[-3.2, -4, 100, 200]], texts: [], ocr: [] }).crops, [[0, 0, 100, 200]]);
  });

  it('leaves out texts that are not essential, with a note', () => {
    const json = {
      panels: [[0, 0, 900, 1200]],
      texts: [
        [1, 1, 9, 9],
        [1, 20, 9, 29],
      ],
      ocr: ['Hi', 'KRAK'],
      is_essential_text: [true, false],
    };
    const { texts, notes } = read(json, { format: 'magi' });
    assert.deepEqual([texts, notes], [['Hi'], ['inessential_text']]);
  });

  it('is refused where texts and boxes do not fit each other', () => {
    const json = { panels: [[0, 0, 900, 1200]], texts: [[1, 1, 9, 9]], ocr: ['Hi', 'there'] };
    assert.equal(read(json, { format: 'magi' }).problem?.reason, 'texts_mismatch');
    assert.deepEqual(read({ ...json, ocr: { 0: 'Hi' } }, { format: 'magi' }).notes, ['bad_text']);
  });

  it('assigns a text in several panels to the one that covers most of it, then to the smaller one', () => {
    const panels = [
      [0, 0, 100, 100],
      [50, 50, 300, 300],
      [40, 40, 310, 310],
    ];
    const texts = [
      [30, 60, 80, 80],
      [200, 200, 220, 220],
    ];
    const json = { panels, texts, ocr: ['a', 'b'] };
    assert.deepEqual(read(json, { format: 'magi' }).texts, ['a', 'b', null]);
  });

  it('assigns texts by their place, and notes those outside', () => {
    const panels = [
      [0, 0, 100, 100],
      [90, 0, 200, 100],
      [0, 200, 900, 1200],
    ];
    const texts = [
      [80, 10, 99, 20],
      [92, 10, 130, 20],
      [190, 50, 260, 60],
      [400, 120, 500, 140],
    ];
    const { texts: read1, notes } = read({ panels, texts, ocr: ['a', 'b', 'c', 'd'] }, { format: 'magi' });
    assert.deepEqual([read1, notes], [['a', 'b c', null], ['text_outside_panels']]);
  });
});

describe('COCO', () => {
  const image = { id: 1, file_name: 'a.jpg', width: 900, height: 1200 };
  const coco = (
    annotations: object[],
    categories: object[] = [
      { id: 1, name: 'Panel' },
      { id: 2, name: 'text' },
    ],
  ) =>
    read({
      images: [image],
      categories,
      annotations: annotations.map((entry) => ({ image_id: 1, category_id: 1, ...entry })),
    });

  it('leaves out annotations of other images', () => {
    const bbox = [10, 10, 400, 500];
    const { crops, notes } = coco([
      { bbox },
      { bbox, image_id: '1' },
      { bbox, image_id: undefined },
      { bbox, image_id: 2 },
    ]);
    assert.equal(crops.length, 3);
    assert.deepEqual(notes, ['read_as_coco', 'annotations_of_other_images']);
  });

  it('is sorted as people read, from the left or from the right', () => {
    const boxes = [
      [500, 600, 300, 500],
      [10, 10, 400, 500],
      [10, 600, 400, 500],
      [500, 30, 300, 450],
    ];
    const json = {
      images: [image],
      categories: [{ id: 1, name: 'frame' }],
      annotations: boxes.map((bbox) => ({ image_id: 1, category_id: 1, bbox })),
    };
    const lefts = (reading_order: string) => read(json, { reading_order }).crops.map(([left, top]) => [left, top]);
    assert.deepEqual(lefts('ltr'), [
      [10, 10],
      [500, 30],
      [10, 600],
      [500, 600],
    ]);
    assert.deepEqual(lefts('rtl'), [
      [500, 30],
      [10, 10],
      [500, 600],
      [10, 600],
    ]);
  });

  it('has boxes of polygons, and leaves out crowds', () => {
    const { crops, reasons } = coco([
      { segmentation: [[10, 20, 110, 20, 110, 220]] },
      { bbox: [0, 0, 50, 50], iscrowd: 1 },
      { segmentation: { counts: 'abc', size: [1, 2] } },
      { bbox: [0, 300, 50, 50, 5] },
    ]);
    assert.deepEqual(crops, [[10, 20, 110, 220]]);
    assert.deepEqual(reasons, ['crowd', 'no_box', 'bad_box']);
    const json = {
      images: [image],
      categories: [{ id: 1, name: 'frame' }],
      annotations: [{ image_id: 1, category_id: 1, segmentation: [[10, 20, 110, 20, 110, 220]] }],
    };
    for (const box_order of ['xyxy', 'yxyx', 'xywh'])
      assert.deepEqual(read(json, { box_order }).crops, [[10, 20, 110, 220]], box_order);
  });

  it('is refused without a category of panels, naming those that it has', () => {
    const { problem } = coco(
      [{ bbox: [0, 0, 50, 50] }],
      [
        { id: 1, name: 'body' },
        { id: 2, name: 'face' },
      ],
    );
    assert.equal(problem?.reason, 'no_panel_category');
    assert.match(problem?.detail ?? '', /"body", "face"/);
  });

  it('reads the texts that its annotations carry', () => {
    const { texts } = coco([
      { bbox: [0, 0, 500, 500] },
      { category_id: 2, bbox: [10, 300, 50, 50], text: 'second' },
      { category_id: 2, bbox: [10, 10, 50, 50], attributes: { occluded: false, Dialogue: 'first' } },
      { category_id: 2, bbox: [10, 10, 50, 50] },
    ]);
    assert.deepEqual(texts, ['first second']);
  });
});

describe('mokuro', () => {
  it('joins lines without a blank where the script has none', () => {
    const block = (lines: unknown) => ({ box: [0, 0, 10, 10], lines });
    const page = (blocks: unknown[]) => ({ img_width: 900, img_height: 1200, img_path: 'a.jpg', blocks });
    const textOf = (...blocks: unknown[]) => read(page(blocks)).texts[0];
    assert.equal(textOf(block(['猫が', '好き！'])), '猫が好き！');
    assert.equal(textOf(block(['Who goes', 'there?'])), 'Who goes there?');
    assert.equal(textOf(block(['고양이가', '좋아'])), '고양이가 좋아');
    assert.equal(textOf(block(['ab', '']), block(['猫'])), 'ab 猫');
    assert.equal(textOf(), null);
    const bad = read(page([block('text'), { lines: ['a'] }, block([1])]));
    assert.deepEqual([bad.texts, bad.notes], [[null], ['read_as_mokuro', 'bad_text', 'bad_text', 'bad_text']]);
  });
});

describe('texts in files of their own', () => {
  const panels = [{ bbox: [0, 0, 900, 600] }, { bbox: [0, 600, 900, 600], text: 'own' }];
  const texts = {
    img_width: 450,
    img_height: 600,
    blocks: [
      { box: [9, 9, 30, 30], lines: ['one'] },
      { box: [9, 400, 30, 430], lines: ['two'] },
    ],
  };

  it('go to panels without a text of their own, also from another size of the picture', () => {
    assert.deepEqual(read({ panels }, { format: 'ocr', texts }).texts, ['one', 'own']);
  });

  it('are noted where they are missing', () => {
    assert.deepEqual(read({ panels }, { format: 'ocr', texts: null }).notes, ['no_texts']);
  });

  it('are not taken from another picture', () => {
    const other = { ...texts, img_width: 600 };
    assert.equal(read({ panels }, { format: 'ocr', texts: other }).problem?.reason, 'other_size');
  });
});

describe('panel files as they are saved', () => {
  it('have boxes in fractions of one, which are left out', () => {
    const { crops, reasons, notes } = read(fixture('panel-files/boxes-in-fractions-of-one'), { format: 'vlm' });
    assert.deepEqual([crops.length, reasons, notes], [1, ['under_a_pixel', 'under_a_pixel'], []]);
    const all = read({ panels: [{ box_2d: [0, 0, 0.5, 1] }, { box_2d: [0.5, 0, 1, 1] }] }, { format: 'vlm' });
    assert.deepEqual([all.crops, all.notes], [[], ['boxes_in_fractions']]);
    assert.deepEqual(all.reasons, ['boxes_in_fractions', 'boxes_in_fractions']);
    const ocr = read({ panels: [{ bbox: [0, 0, 1, 1] }] }, { format: 'ocr' });
    assert.deepEqual([ocr.crops, ocr.notes], [[], ['boxes_in_fractions']]);
    const over = read({ panels: [{ box_2d: [-0.01, 0, 0.5, 1.02] }] }, { format: 'vlm' });
    assert.deepEqual([over.crops, over.notes], [[], ['boxes_in_fractions']]);
  });

  it('may have boxes in other units and orders, if the dataset says so', () => {
    const crop = (json: object, options: Options) => read({ panels: [json] }, options).crops[0];
    assert.deepEqual(crop({ box_2d: [0.1, 0.2, 0.5, 1] }, { format: 'vlm', box_scale: 1 }), [180, 120, 900, 600]);
    assert.deepEqual(
      crop({ box_2d: [180, 120, 900, 600] }, { format: 'vlm', box_scale: 'pixels', box_order: 'xyxy' }),
      [180, 120, 900, 600],
    );
    assert.deepEqual(
      crop({ box_2d: [200, 100, 800, 400] }, { format: 'vlm', box_order: 'xywh' }),
      [180, 120, 900, 600],
    );
    assert.deepEqual(crop({ bbox: [0.2, 0.1, 0.8, 0.4] }, { format: 'ocr', box_scale: 1 }), [180, 120, 900, 600]);
    assert.deepEqual(
      crop({ bbox: [200, 100, 1000, 500] }, { format: 'ocr', box_scale: 1000, box_order: 'xyxy' }),
      [180, 120, 900, 600],
    );
    const [a] = read({ panels: [{ box_2d: [0.1, 0.2, 0.5, 1] }] }, { format: 'vlm', box_scale: 1 }).compositions;
    const [b] = read(
      { panels: [{ box_2d: [120, 180, 600, 900] }] },
      { format: 'vlm', box_scale: 'pixels' },
    ).compositions;
    assert.deepEqual(a, b);
  });

  it('have lettering in other shapes, which is read and noted', () => {
    const { texts, notes } = read(fixture('panel-files/lettering-in-other-shapes'), { format: 'vlm' });
    assert.deepEqual(texts, ['a Hi there', 'b Hi there', 'c Hi there', 'd Later Hi there']);
    assert.deepEqual(notes, Array(4).fill('other_text_shape'));
  });

  it('have lettering in fields of other names, which is read where the name is clear, and else noted', () => {
    const letters = (fields: object) => {
      const { texts, notes } = read({ panels: [{ box_2d: [0, 0, 500, 500], ...fields }] }, { format: 'vlm' });
      return [...texts, ...notes];
    };
    for (const name of ['speech_bubbles', 'ocr_text', 'dialogue_text', 'onomatopoeia', 'transcript'])
      assert.deepEqual(letters({ [name]: ['Hi', 'there'] }), ['Hi there', 'other_text_shape'], name);
    for (const name of ['textContent', 'Text', 'balloon_lettering', 'right_caption'])
      assert.deepEqual(letters({ [name]: 'Hi' }), [null, 'bad_text'], name);
    assert.deepEqual(letters({ description: 'Hi there', textContent: 'Hi\nthere' }), ['Hi there']);
    for (const name of ['text_type', 'captionColor', 'speech_confidence', 'context'])
      assert.deepEqual(letters({ [name]: 'Hi' }), [null], name);
    assert.deepEqual(letters({ speakers: ['Pepper', 'Carrot'] }), [null, 'bad_text']);
    assert.deepEqual(letters({ speakers: [{ character: 'Pepper', dialogue: 'Hi' }] }), ['Hi', 'other_text_shape']);
  });

  it('have texts with half a character, which is left out and noted', () => {
    const { texts, notes } = read({ panels: ['Hi\ud83d', '\ude00'].map((text) => ({ bbox: [0, 0, 50, 50], text })) });
    assert.deepEqual(
      [texts, notes],
      [
        ['Hi', null],
        ['read_as_ocr', 'bad_text', 'bad_text'],
      ],
    );
  });

  it('may be a list of VLM panels alone', () => {
    const panel = { box_2d: [0, 0, 500, 1000], description: 'a' };
    const { crops, texts, notes } = read([panel, { ...panel, label: 'panel' }]);
    assert.deepEqual([crops.length, texts, notes], [2, ['a', 'a'], ['nested', 'read_as_vlm']]);
    for (const list of [[panel, { ...panel, label: 'balloon' }], [{ bbox: [0, 0, 9, 9] }], [panel, { panels: [] }]])
      assert.equal(read(list).problem?.reason, 'unknown_format');
  });

  it('have panels of null, or numbers in words', () => {
    const none = read(fixture('panel-files/panels-null'), { format: 'vlm' });
    assert.deepEqual([none.crops, none.problem, none.notes], [[], null, ['panels_null']]);
    const thirds = read(fixture('panel-files/panel-number-as-text'), { format: 'vlm' }).compositions.map(
      (values) => values[2],
    );
    assert.deepEqual(
      thirds,
      [1, 1].map((steps) => Math.fround(steps / 15)),
    );
    const bad = read({ panels: [{ box_2d: [0, 0, 500, 500], panel_number: 'two' }] }, { format: 'vlm' });
    assert.deepEqual(bad.notes, ['bad_panel_number']);
  });

  it('declare another size than that of the picture', () => {
    const { crops, notes } = read(fixture('panel-files/declared-size-is-not-the-picture'), {
      page: { width: 850, height: 1200 },
    });
    assert.deepEqual([crops, notes], [[[35, 354, 818, 846]], ['read_as_ocr', 'scaled_boxes']]);
    const other = read(fixture('panel-files/declared-size-is-not-the-picture'), { page: { width: 850, height: 1300 } });
    assert.equal(other.problem?.reason, 'other_size');
    for (const size of [
      { width: 450, height: 600 },
      { page_width: '450', page_height: '600' },
      { image_width: null, img_width: 450, img_height: 600 },
      { image_size: [450, 600] },
      { size: { width: 450, height: 600 } },
      { size: { w: 450, h: 600 } },
    ]) {
      const scaled = read({ ...size, panels: [{ bbox: [10, 20, 30, 40] }] });
      assert.deepEqual([scaled.crops, scaled.notes], [[[20, 40, 80, 120]], ['read_as_ocr', 'scaled_boxes']]);
    }
    for (const size of [{ width: 450 }, { image_size: [0, 0] }])
      assert.deepEqual(read({ ...size, panels: [{ bbox: [1, 2, 30, 40] }] }).notes, ['read_as_ocr', 'bad_size']);
    assert.match(other.problem?.detail ?? '', /1700 x 2400 .* 850 x 1300/);
  });

  it('declare a size that is none', () => {
    const sizes = [
      { image_width: 1800 },
      { image_width: 0, image_height: 0 },
      { image_width: 'wide', image_height: 5 },
    ];
    for (const size of sizes) {
      const { crops, notes } = read({ ...size, panels: [{ bbox: [0, 0, 9, 9] }] }, { format: 'ocr' });
      assert.deepEqual([crops, notes], [[[0, 0, 9, 9]], ['bad_size']], JSON.stringify(size));
    }
    const texts = { image_width: '450', image_height: '600', panels: [{ bbox: [0, 0, 9, 9] }] };
    assert.deepEqual(read(texts, { format: 'ocr' }).crops, [[0, 0, 18, 18]]);
  });

  it('have boxes that reach far over the page, which are clipped and noted', () => {
    const vlm = [{ box_2d: [0, 0, 1040, 500] }, { box_2d: [0, 0, 1150, 880] }];
    const ocr = [{ bbox: [0, 0, 980, 1200] }, { bbox: [0, 0, 1800, 2400] }];
    assert.deepEqual(read({ panels: vlm }, { format: 'vlm' }).notes, ['reaches_over_page']);
    const { crops, notes } = read({ panels: ocr }, { format: 'ocr' });
    assert.deepEqual(notes, ['reaches_over_page']);
    assert.deepEqual(crops, Array(2).fill([0, 0, 900, 1200]));
  });

  it('are nested in something', () => {
    const page = { panels: [{ bbox: [0, 0, 90, 90], text: 'Hi' }] };
    for (const json of [
      [page],
      { result: page },
      { model: 'x', output: page, usage: { tokens: 1 } },
      { pages: [page] },
    ]) {
      const { texts, notes } = read(json);
      assert.deepEqual([texts, notes], [['Hi'], ['nested', 'read_as_ocr']], JSON.stringify(json));
    }
    assert.equal(read([page, page]).problem?.reason, 'unknown_format');
    assert.equal(read({ a: page, b: page }).problem?.reason, 'unknown_format');
  });
});
