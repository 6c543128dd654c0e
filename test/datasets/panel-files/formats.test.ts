import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mulberry32 } from '../../support/mulberry32.ts';
import { testSeed } from '../../support/seed.ts';
import { makePage, toCoco, toKumiko, toMagi, toMokuroPage, toOcr } from './made-panel-files.ts';
import { CROPS, fixture, read, readTextAreas } from './read-panel-file.ts';

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
    for (const { words, texts } of [magi, mokuro]) {
      assert.deepEqual(
        words,
        texts.map((lettering) => ({ description: null, lettering })),
      );
    }
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
    const json = { panels, texts, ocr: ['a', 'b', 'c', 'd'] };
    const { texts: read1, notes } = read(json, { format: 'magi' });
    assert.deepEqual(readTextAreas(json), [[texts[0]], [texts[1], texts[2]], []]);
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
