import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GRADIENT_RULES } from '../../../src/autodiff/rules/gradient-rules.ts';
import type { OpName } from '../../../src/graph/ops/op-attributes.ts';
import { ACTIVATION_CASES } from './activation-cases.ts';
import { ARITHMETIC_CASES } from './arithmetic-cases.ts';
import { CONVOLUTION_CASES } from './convolution-cases.ts';
import { checkRule, formatShapes, type RuleCase } from './gradient-rule-case.ts';
import { LINEAR_CASES } from './linear-cases.ts';
import { MOVEMENT_CASES } from './movement-cases.ts';
import { NORMALIZATION_CASES } from './normalization-cases.ts';
import { REDUCTION_CASES } from './reduction-cases.ts';

const CASES: readonly RuleCase[] = [
  ...ACTIVATION_CASES,
  ...ARITHMETIC_CASES,
  ...CONVOLUTION_CASES,
  ...LINEAR_CASES,
  ...MOVEMENT_CASES,
  ...NORMALIZATION_CASES,
  ...REDUCTION_CASES,
];

/**
 * Float64 gradients against differences of float64: below 1e-8, but for LayerNormalization, whose statistics are float32.
 * Float32 gradients and outputs against an operator in float64: below 1e-6.
 */
const TOLERANCE = { float64: 1e-6, float32: 1e-5 };

const operators = [...new Set(CASES.map(({ op }) => op))].sort();

for (const op of operators) {
  describe(`the gradient of ${op} equals differences of the loss`, () => {
    for (const rule of CASES.filter((candidate) => candidate.op === op)) {
      it(rule.description, async () => {
        const { gradientError, forwardError } = await checkRule(rule);
        const tolerance = rule.reference ? TOLERANCE.float32 : TOLERANCE.float64;
        assert.ok(gradientError <= tolerance, `${rule.op} ${rule.description}: off by ${gradientError}`);
        assert.ok(
          forwardError <= TOLERANCE.float32,
          `${rule.op} ${formatShapes(rule.operands)}: forward off by ${forwardError}`,
        );
      });
    }
  });
}

it('every operator that has a gradient has a case', () => {
  // Two operators of each kind without a gradient show which functions stand for that.
  const [zeroGradient, notDifferentiable] = [
    GRADIENT_RULES.Greater,
    GRADIENT_RULES.ConvTranspose,
  ] as readonly unknown[];
  assert.equal(zeroGradient, GRADIENT_RULES.Shape);
  assert.equal(notDifferentiable, GRADIENT_RULES.MultiHeadAttention);
  const names = Object.keys(GRADIENT_RULES) as OpName[];
  const differentiable = names.filter(
    (name) =>
      (GRADIENT_RULES[name] as unknown) !== zeroGradient && (GRADIENT_RULES[name] as unknown) !== notDifferentiable,
  );
  assert.deepEqual(operators, differentiable.sort());
});
