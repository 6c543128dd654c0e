/** What of the WebAssembly interface is used here: TypeScript has it only together with all of the browser's types. */
declare namespace WebAssembly {
  type Module = object;
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
  class Memory {
    constructor(limits: { initial: number; maximum: number; shared: true });
    readonly buffer: SharedArrayBuffer;
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, Memory>>);
    readonly exports: Record<string, unknown>;
  }
}
