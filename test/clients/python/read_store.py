"""What readers of a store find, by each way that leads to it. Arguments: folder, URL."""
import json
import sys

import dask.array
import fsspec
import numpy as np
import xarray
import zarr

folder, url = sys.argv[1:]
ZARR_3 = zarr.__version__.startswith("3.")


def content(embeddings, masks, attributes):
    vectors, flags = np.asarray(embeddings), np.asarray(masks)
    return {
        "shape": vectors.shape,
        "types": [str(vectors.dtype), str(flags.dtype)],
        "masks": flags.astype(int).tolist(),
        "vectors": [vectors[page][flags[page]].tolist() for page in range(len(vectors))],
        "space": attributes["space"],
    }


def group_content(group):
    return content(group["panel_embeddings"][:], group["panel_masks"][:], group.attrs)


def dataset_content(dataset):
    embeddings, masks = dataset["panel_embeddings"], dataset["panel_masks"]
    return {**content(embeddings.values, masks.values, dataset.attrs), "dimensions": [embeddings.dims, masks.dims]}


def dask_content(source):
    arrays = [dask.array.from_zarr(source, component=name) for name in ("panel_embeddings", "panel_masks")]
    chunks = [array.chunksize for array in arrays]
    return {**content(*dask.compute(*arrays), {"space": None}), "chunks": chunks}


over_http = url if ZARR_3 else fsspec.get_mapper(url)
print(json.dumps({
    "versions": {"zarr": zarr.__version__, "xarray": xarray.__version__, "dask": dask.__version__},
    "zarr": group_content(zarr.open(folder, mode="r")),
    "zarr consolidated": group_content(zarr.open_consolidated(folder, mode="r")),
    "zarr over HTTP": group_content(zarr.open(over_http, mode="r")),
    "zarr consolidated over HTTP": group_content(zarr.open_consolidated(over_http, mode="r")),
    "xarray": dataset_content(xarray.open_zarr(folder, consolidated=True, chunks=None)),
    "xarray unconsolidated": dataset_content(xarray.open_zarr(folder, consolidated=False, chunks=None)),
    "xarray over HTTP": dataset_content(xarray.open_zarr(over_http, consolidated=True, chunks=None)),
    "xarray and dask": dataset_content(xarray.open_zarr(folder, chunks={})),
    "dask": dask_content(folder),
    "dask over HTTP": dask_content(url),
}))
