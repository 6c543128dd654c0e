"""Stage 4's view of a store: prints what zarr-python finds in it. Argument: store."""
import json, sys
import numpy as np
import zarr

group = zarr.open(sys.argv[1], mode='r')
vectors, masks = group['panel_embeddings'], group['panel_masks']

def described(array):
    return {
        'shape': array.shape, 'chunks': array.chunks, 'dtype': array.dtype.str, 'order': array.order,
        'fill': str(array.fill_value), 'compressor': array.compressor.codec_id, 'filters': array.filters,
        'initialized': array.nchunks_initialized,
    }

print(json.dumps({
    'attributes': dict(group.attrs),
    'arrays': sorted(group.array_keys()),
    'embeddings': described(vectors),
    'masks': described(masks),
    'mask_values': masks[:].astype(int).ravel().tolist(),
    'sums': [float(page.astype(np.float64).sum()) for page in vectors],
    'first': vectors[0].ravel().tolist(),
    'last': vectors[vectors.shape[0] - 1].ravel().tolist(),
}))
