import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fixture, type Options, read } from './read-panel-file.ts';

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
