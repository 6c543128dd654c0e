"""Runs the published architectures in the libraries that define them, at full size with random weights.

    pip install torch transformers timm safetensors
    python3 scripts/reference/library_outputs.py OUT
    node scripts/compare-with-libraries.ts OUT

Writes for each encoder a file with its weights, under the library's own keys, and one with its inputs and pooled outputs in
float32 and float64. Published weights need a download; random ones check the arithmetic as well.
"""

import sys
from pathlib import Path

import timm
import torch
import transformers
from safetensors.torch import save_file
from transformers import BertConfig, BertModel, SiglipVisionConfig, SiglipVisionModel

IMAGES, SIDE = 4, 224
TEXTS, TOKENS = 6, 64
# google/siglip-base-patch16-224 has the defaults of SiglipVisionConfig.
MINILM = BertConfig(hidden_size=384, num_hidden_layers=6, intermediate_size=1536)
NORMALISATION = {"siglip": ([0.5] * 3, [0.5] * 3), "resnet": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])}


def randomise(model):
    """Moves what initialisation leaves at zero or one, so that no bias, scale or statistic can go missing unnoticed."""
    with torch.no_grad():
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            if name.endswith("running_var"):
                tensor.uniform_(0.5, 1.5)
            elif tensor.is_floating_point() and tensor.dim() == 1:
                tensor.add_(0.1 * torch.randn_like(tensor))
                if name.endswith("bn3.weight"):
                    tensor.add_(0.5)  # zero in timm, which hides the whole block
    return model.eval()


def draw_images():
    """Smooth patterns with noise, as bytes: (n, side, side, 3)."""
    x = torch.linspace(0, 1, SIDE)
    frequency = torch.rand(IMAGES, 1, 1, 3) * 20
    pattern = torch.sin(frequency * x.view(1, 1, SIDE, 1) + 7 * frequency * x.view(1, SIDE, 1, 1) ** 2)
    return (127.5 + 90 * pattern + 20 * torch.randn(IMAGES, SIDE, SIDE, 3)).clamp(0, 255).to(torch.uint8)


def draw_texts(vocabulary):
    """Token ids and masks of several lengths; what is masked holds other tokens."""
    ids = torch.randint(1, vocabulary, (TEXTS, TOKENS))
    lengths = torch.linspace(2, TOKENS, TEXTS).long()
    return ids, (torch.arange(TOKENS) < lengths.view(-1, 1)).long()


def mean_pool(states, mask):
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1)


@torch.no_grad()
def save(folder, name, model, inputs, forward):
    weights = {key: tensor.clone().contiguous() for key, tensor in model.state_dict().items()}
    save_file(weights, folder / f"{name}.safetensors")
    outputs = {"float32": forward(model, torch.float32), "float64": forward(model.double(), torch.float64)}
    save_file({**inputs, **outputs}, folder / f"{name}-io.safetensors")
    print(name, {dtype: list(output.shape) for dtype, output in outputs.items()})


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, timm {timm.__version__}")
    images = draw_images()

    def normalise(name, dtype):
        mean, std = (torch.tensor(values, dtype=dtype) for values in NORMALISATION[name])
        return ((images.to(dtype) / 255 - mean) / std).permute(0, 3, 1, 2).contiguous()

    tower = randomise(SiglipVisionModel(SiglipVisionConfig()))
    save(folder, "siglip", tower, {"images": images}, lambda model, dtype: model(normalise("siglip", dtype)).pooler_output)
    net = randomise(timm.create_model("resnet50", num_classes=0))
    save(folder, "resnet", net, {"images": images}, lambda model, dtype: model(normalise("resnet", dtype)))
    ids, mask = draw_texts(MINILM.vocab_size)
    save(
        folder,
        "minilm",
        randomise(BertModel(MINILM)),
        {"ids": ids, "mask": mask},
        lambda model, dtype: mean_pool(model(input_ids=ids, attention_mask=mask).last_hidden_state, mask),
    )


main()
