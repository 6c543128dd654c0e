import type { ChosenProvider } from '../onnxruntime/provider.ts';
import type { EngineItem, EngineResult, EngineSettings } from './engine-types.ts';

export type ToEngine =
  | { readonly type: 'start'; readonly settings: EngineSettings }
  | { readonly type: 'run'; readonly id: number; readonly model: string; readonly items: readonly EngineItem[] };

export type FromEngine =
  | { readonly type: 'ready'; readonly info: ChosenProvider }
  | { readonly type: 'refused'; readonly code: string; readonly message: string }
  | { readonly type: 'done'; readonly id: number; readonly results: readonly EngineResult[]; readonly seconds: number }
  | { readonly type: 'failed'; readonly id: number; readonly message: string };
