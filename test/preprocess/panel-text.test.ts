import assert from 'node:assert/strict';
import { it } from 'node:test';
import { joinVlmText } from '../../src/preprocess/panel-text.ts';

it('joins a description and lettering, and leaves out what is blank', () => {
  const lettering = [{ text: 'Who goes there?' }, { text: '  ' }, { text: null }, { text: 'KRAK!' }];
  const description = 'A hero stands on a roof.';
  assert.equal(joinVlmText({ description, text_content: lettering }), 'A hero stands on a roof. Who goes there? KRAK!');
  assert.equal(joinVlmText({ description: null, text_content: null }), '');
  assert.equal(joinVlmText({}), '');
});
