import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RULES } from '../../../src/autodiff/rules/index.ts';
import type { OpName } from '../../../src/graph/ops/attributes.ts';
import { ACTIVATION } from './activation.ts';
import { ARITHMETIC } from './arithmetic.ts';
import { CONVOLUTION } from './convolution.ts';
import { LINEAR } from './linear.ts';
import { MOVEMENT } from './movement.ts';
import { NORMALIZATION } from './normalization.ts';
import { REDUCTION } from './reduction.ts';
import { checkRule, formatted, type RuleCase } from './rule-case.ts';

const CASES: readonly RuleCase[] = [
  ...ACTIVATION,
  ...ARITHMETIC,
  ...CONVOLUTION,
  ...LINEAR,
  ...MOVEMENT,
  ...NORMALIZATION,
  ...REDUCTION,
];

/**
 * Float64 gradients against differences of float64: below 1e-8, but for LayerNormalization, whose statistics are float32.
 * Float32 gradients and outputs against an operator in float64: below 1e-6.
 */
const TOLERANCE = { float64: 1e-6, float32: 1e-5 };

const operators = [...new Set(CASES.map(({ op }) => op))].sort();

for (const op of operators) {
  describe(`the gradient of ${op} is the slope of the loss`, () => {
    for (const rule of CASES.filter((each) => each.op === op)) {
      it(rule.what, async () => {
        const { error, forward } = await checkRule(rule);
        const tolerance = rule.plain ? TOLERANCE.float32 : TOLERANCE.float64;
        assert.ok(error <= tolerance, `${rule.op} ${rule.what}: off by ${error}`);
        assert.ok(forward <= TOLERANCE.float32, `${rule.op} ${formatted(rule.operands)}: forward off by ${forward}`);
      });
    }
  });
}

it('every operator that has a gradient has a case', () => {
  // Two operators of each kind that has none show which functions stand for "none".
  const [flat, none] = [RULES.Greater, RULES.ConvTranspose] as readonly unknown[];
  assert.equal(flat, RULES.Shape);
  assert.equal(none, RULES.MultiHeadAttention);
  const names = Object.keys(RULES) as OpName[];
  const differentiable = names.filter((name) => (RULES[name] as unknown) !== flat && (RULES[name] as unknown) !== none);
  assert.deepEqual(operators, differentiable.sort());
});
