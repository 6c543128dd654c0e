import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readSafetensors } from '../../../../src/weights/safetensors-reader.ts';
import type { Tensor } from '../../../../src/weights/tensor.ts';
import { inferBinary } from '../../../support/infer-client.ts';
import { maxDifference } from '../../../support/numeric.ts';
import { listReferenceCases, REFERENCE_FOLDER, toFloat32Array } from '../../../support/reference-cases.ts';
import { runPanelvec } from '../../../support/run-panelvec.ts';
import { type ServiceProcess, spawnService } from '../../../support/service-process.ts';

const TOLERANCE = 1e-4;
const PYTORCH_FILES = ['best_model.pt', 'checkpoint_vlm_epoch_3.pt'];

/** A checkpoint, and the folder of the case whose inputs and outputs go with it. */
interface Case {
  readonly model: string;
  readonly file: string;
  readonly folder: string;
}

const cases: Case[] = listReferenceCases().flatMap((name, caseIndex) => {
  const folder = path.join(REFERENCE_FOLDER, name);
  const pytorch = PYTORCH_FILES.filter((file) => existsSync(path.join(folder, file)));
  return ['weights.safetensors', ...pytorch].map((file, fileIndex) => ({
    model: `case-${caseIndex}-${fileIndex}`,
    file,
    folder,
  }));
});

describe('imported checkpoints on a running service compute what PyTorch computed', () => {
  let home: string;
  let service: ServiceProcess;

  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'panelvec-home-'));
    for (const { model, file, folder } of cases) {
      const { metadata } = await readSafetensors(path.join(folder, 'io.safetensors'), () => false);
      const { sizes } = JSON.parse(metadata['config']!);
      // The metadata of a safetensors file tells the heads; nothing in a .pt file does.
      const heads = ['--siglip-heads', String(sizes.siglip.heads), '--text-heads', String(sizes.bert.heads)];
      const flags = file.endsWith('.pt') ? [...heads, '--image-size', String(sizes.siglip.image)] : [];
      const args = ['models', 'import', path.join(folder, file), '--name', model, ...flags];
      const outcome = await runPanelvec(args, { PANELVEC_HOME: home });
      assert.equal(outcome.code, 0, outcome.stderr);
    }
    const models = cases.map(({ model }) => model).join(',');
    service = await spawnService({ PANELVEC_HOME: home, PANELVEC_MODELS: models });
  });
  after(async () => {
    service?.child.kill('SIGTERM');
    await service?.exited;
    await rm(home, { recursive: true, force: true });
  });

  for (const { model, file, folder } of cases) {
    it(`${path.basename(folder)}/${file}`, async (t) => {
      const { tensors: io } = await readSafetensors(path.join(folder, 'io.safetensors'));
      const url = `${service.address}/v2/models/${model}/infer`;
      const inputs = Object.fromEntries(
        [...io].filter(([key]) => key.startsWith('in.')).map(([key, tensor]) => [key.slice(3), tensor]),
      );
      const masked = await inferBinary(url, inputs);
      assert.equal(masked.status, 200, JSON.stringify(masked.json));
      const mask = inputs['modality_mask']!;
      const ones = new Uint8Array(new Float32Array(mask.shape[0]! * 3).fill(1).buffer);
      const unmasked = await inferBinary(url, { ...inputs, modality_mask: { ...mask, bytes: ones } });
      const computed: Record<string, Float32Array | undefined> = {
        'out.fused': masked.outputs['fused'],
        'out.vision': masked.outputs['vision'],
        'out.text': masked.outputs['text'],
        'out.composition': masked.outputs['composition'],
        'out.image_only': masked.outputs['vision'],
        'out.text_only': masked.outputs['text'],
        'out.fused_all': unmasked.outputs['fused'],
      };
      for (const [key, values] of Object.entries(computed)) {
        const difference = maxDifference(values!, toFloat32Array(io.get(key)));
        t.diagnostic(`${key} is off by ${difference}`);
        assert.ok(difference <= TOLERANCE, `${key} is off by ${difference}`);
      }
      assertWeightsSumToOne(masked.outputs, io);
    });
  }
});

/** What PyTorch did not write down: shares sum to one, and absent modalities have none. */
function assertWeightsSumToOne(outputs: Readonly<Record<string, Float32Array>>, io: ReadonlyMap<string, Tensor>): void {
  const mask = toFloat32Array(io.get('in.modality_mask'));
  const gate = outputs['gate_weights']!;
  for (let row = 0; row < mask.length / 3; row++) {
    const present = [0, 1, 2].filter((column) => mask[3 * row + column] === 1);
    if (present.length === 0) continue;
    const sum = present.reduce((total, column) => total + gate[3 * row + column]!, 0);
    assert.ok(Math.abs(sum - 1) < 1e-6, `row ${row}: ${sum}`);
  }
  const backbones = outputs['backbone_weights'];
  for (let row = 0; backbones && row < backbones.length / 2; row++) {
    assert.ok(Math.abs(backbones[2 * row]! + backbones[2 * row + 1]! - 1) < 1e-6);
  }
}
