/**
 * Execution providers of ONNX Runtime, by name. This file does not load ONNX Runtime, because the configuration imports it.
 */
export const PROVIDERS = ['cpu', 'cuda', 'tensorrt', 'webgpu'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** `auto` takes the first GPU provider that works and falls back to the CPU. */
export type ProviderChoice = Provider | 'auto';

/** The provider that a device runs, as `chooseProvider` found it. */
export interface ChosenProvider {
  /** The provider that ran a test graph, as its profile says */
  readonly provider: Provider;
  /** Why `auto` did not take a GPU provider */
  readonly fallback: string | undefined;
}
