/** What ONNX Runtime says where memory is not enough: on the CPU its allocator or C++'s, on a GPU that of the provider. */
const OUT_OF_MEMORY_MESSAGE =
  /bad_alloc|bad allocation|out of memory|failed to allocate|BFCArena|CUDA_ERROR_OUT_OF_MEMORY/i;

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && OUT_OF_MEMORY_MESSAGE.test(error.message);
}
