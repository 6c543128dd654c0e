"""Makes and checks reference sets for the tests: what the original Stage 3 code computes, for models of any sizes.

    python3 make_reference.py make FOLDER [--sizes FILE] [--pages FOLDER] [--seed NUMBER]
    python3 make_reference.py check FOLDER
    python3 make_reference.py checkpoint FOLDER [--sizes FILE] [--seed NUMBER]

`make` draws random weights and inputs, computes in float32 and writes a whole set. `check` computes every output of a set
again from the set's own weights and inputs, in float64, and prints how far the two are apart. `checkpoint` writes the
weights of one model alone. README.md says when to use which.
"""

import argparse
import json
import math
import shutil
import sys
from pathlib import Path

import torch

from safetensors_file import read_safetensors, write_safetensors
from stage3 import Stage3, Training

FORWARD_CASES = {
    "siglip": {"visual_backbone": "siglip", "visual_fusion": "attention", "use_modality_indicators": True},
    "resnet": {"visual_backbone": "resnet", "visual_fusion": "attention", "use_modality_indicators": True},
    "both-attention": {"visual_backbone": "both", "visual_fusion": "attention", "use_modality_indicators": True},
    "both-gate": {"visual_backbone": "both", "visual_fusion": "gate", "use_modality_indicators": True},
    "no-indicators": {"visual_backbone": "both", "visual_fusion": "attention", "use_modality_indicators": False},
}
TRAINING_CASES = ("training", "training-unfrozen")
# Every combination of present modalities that leaves something to embed.
MODALITY_MASKS = [[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]]
BARE_CHECKPOINT = "best_model.pt"
LOG_COLUMNS = "loss contrastive reconstruction alignment grad_norm_before_clip learning_rate"
MIN_LEARNING_RATE = 1e-5
WEIGHT_GAIN = 1.4
# Biases whose true gradient is zero, and the running means behind them: AdamW turns rounding noise into steps there.
NOISE = ("comp.mlp.0.bias", "comp.mlp.4.bias", "running_mean", "k_proj.bias", "self.key.bias")
TOLERANCE = {"forward": 1e-5, "losses": 1e-4, "gradients": 1e-4, "weights": 2e-4}


# Drawing weights and inputs


def draw_weights(module, generator):
    """Fills a module with random weights under which activations keep their scale. The counters of BatchNorm stay zero."""

    def normal(shape, mean, deviation):
        return torch.randn(shape, generator=generator) * deviation + mean

    drawn = {}
    for name, tensor in module.state_dict().items():
        if name.endswith("num_batches_tracked") or name.endswith("residual_weight"):
            drawn[name] = tensor
        elif name.endswith("running_var"):
            drawn[name] = torch.rand(tensor.shape, generator=generator) * 0.5 + 0.75
        elif name.endswith(("bias", "running_mean")):
            drawn[name] = normal(tensor.shape, 0, 0.1)
        elif tensor.dim() == 1:  # the scale of a normalisation
            drawn[name] = normal(tensor.shape, 1, 0.1)
        else:
            fan_in = tensor.shape[-1] if name.endswith("probe") else tensor[0].numel()
            drawn[name] = normal(tensor.shape, 0, WEIGHT_GAIN / math.sqrt(fan_in))
    module.load_state_dict(drawn)


def draw_panels(shape, sizes, tokens, generator):
    """Encoder inputs and composition numbers of panels; `shape` comes before the axes of each input."""
    count = math.prod(shape)
    side = sizes["siglip"]["image"]
    lengths = torch.randint(2, tokens - 2, (count, 1), generator=generator)
    shown = torch.arange(tokens) < lengths
    ids = torch.randint(1, sizes["bert"]["vocab"], (count, tokens), generator=generator) * shown
    composition = torch.rand((count, 7), generator=generator)
    composition[:, 0] *= 2
    return {
        "images": torch.randn((*shape, 3, side, side), generator=generator),
        "input_ids": ids.view(*shape, tokens),
        "attention_mask": shown.long().view(*shape, tokens),
        "comp_feats": composition.view(*shape, 7),
    }


def draw_batch(config, tokens, generator):
    """Pages of a training batch, in which some panels lack the picture or the text."""
    shape = (config["pages"], config["panels"])
    mask = torch.ones((*shape, 3))
    mask[..., :2] = (torch.rand((*shape, 2), generator=generator) < 0.85).float()
    # The alignment objective compares panels that have both.
    mask[:, 0] = 1
    panels = draw_panels(shape, config["sizes"], tokens, generator)
    return {**panels, "modality_mask": mask, "panel_mask": torch.ones(shape, dtype=torch.bool)}


# Computing


def forward_outputs(model, inputs):
    """All outputs of a forward case by name."""
    model.eval()
    with torch.no_grad():
        (vision, text, composition), steps = model.encode(inputs)
        mask = inputs["modality_mask"]
        outputs = {
            "vision": vision,
            "text": text,
            "composition": composition,
            "fused": model.fusion(vision, text, composition, mask),
            "fused_all": model.fusion(vision, text, composition, torch.ones_like(mask)),
            "image_only": vision,
            "text_only": text,
        }
    return {**outputs, **{name: steps[name] for name in STEP_ORDER if name in steps}}


STEP_ORDER = ("siglip", "resnet", "siglip_pooled", "resnet_pooled", "text_pooled")


def learning_rate(config, step):
    """Cosine over epochs, the same for all steps of an epoch."""
    epochs, steps_per_epoch = schedule_of(config)
    share = (1 + math.cos(math.pi * (step // steps_per_epoch) / epochs)) / 2
    return MIN_LEARNING_RATE + (config["lr"] - MIN_LEARNING_RATE) * share


def schedule_of(config):
    """Epochs, and steps in each, of the sentence in the configuration."""
    words = config["schedule"].split()
    return int(words[2]), int(words[5])


def train(training, batches, masked_panels):
    """Runs the steps of a training case: gradients of the first step (before clipping), log, weights at the end."""
    config = training.config
    training.train()
    for backbone in training.model.backbones():
        backbone.eval()
        if config["freeze_backbones"]:
            backbone.requires_grad_(False)
    trained = {name: parameter for name, parameter in training.named_parameters() if parameter.requires_grad}
    optimizer = torch.optim.AdamW(trained.values(), weight_decay=config["weight_decay"])
    gradients, log = {}, []
    for step in range(config["steps"]):
        rate = optimizer.param_groups[0]["lr"] = learning_rate(config, step)
        optimizer.zero_grad(set_to_none=True)
        loss, parts = training(batches[step % len(batches)], torch.tensor(masked_panels[step]))
        loss.backward()
        if step == 0:
            gradients = {name: p.grad.clone() for name, p in trained.items() if p.grad is not None}
        norm = torch.nn.utils.clip_grad_norm_(trained.values(), config["max_grad_norm"])
        optimizer.step()
        log.append([value.item() for value in (loss, *parts.values(), norm)] + [rate])
    return gradients, torch.tensor(log, dtype=torch.float32), clone(training.state_dict())


def clone(tensors):
    return {name: tensor.clone() for name, tensor in tensors.items()}


def changed(after, before):
    """What training has moved."""
    return {name: tensor for name, tensor in after.items() if not torch.equal(tensor, before[name])}


# Making a set


def make(folder, sizes_file, pages, seed):
    settings = json.loads(sizes_file.read_text())
    generator = torch.Generator().manual_seed(seed)
    for name, options in FORWARD_CASES.items():
        model = make_forward_case(folder / name, model_config(options, settings), settings, generator)
        if name == "both-attention":
            make_pytorch_checkpoints(folder / name, model)
            weights = clone(model.state_dict())
    for name in TRAINING_CASES:
        make_training_case(folder / name, weights, training_config(settings, name), settings["tokens"], generator)
    shutil.copytree(pages, folder / "pages", copy_function=shutil.copyfile, dirs_exist_ok=True)


def make_checkpoint(folder, sizes_file, seed):
    """Weights of a model with two backbones, as safetensors and as PyTorch's checkpoint."""
    config = model_config(FORWARD_CASES["both-attention"], json.loads(sizes_file.read_text()))
    model = Stage3(config)
    draw_weights(model, torch.Generator().manual_seed(seed))
    write_safetensors(folder / "weights.safetensors", model.state_dict(), {"config": config})
    torch.save(model.state_dict(), folder / BARE_CHECKPOINT)


def model_config(options, settings):
    return {**options, "feature_dim": settings["feature_dim"], "sizes": settings["sizes"]}


def make_forward_case(folder, config, settings, generator):
    model = Stage3(config)
    draw_weights(model, generator)
    rows = settings["rows"]
    inputs = draw_panels((rows,), config["sizes"], settings["tokens"], generator)
    masks = [MODALITY_MASKS[row % len(MODALITY_MASKS)] for row in range(rows)]
    inputs["modality_mask"] = torch.tensor(masks, dtype=torch.float32)
    io = {f"in.{name}": tensor for name, tensor in inputs.items()}
    io.update({f"out.{name}": tensor for name, tensor in forward_outputs(model, inputs).items()})
    write_safetensors(folder / "weights.safetensors", model.state_dict(), {"config": config})
    write_safetensors(folder / "io.safetensors", io, {"config": config})
    return model


def make_pytorch_checkpoints(folder, model):
    """The same weights as the two kinds of checkpoint that the original writes."""
    torch.save(model.state_dict(), folder / BARE_CHECKPOINT)
    state = {
        "epoch": 3,
        "batch": 0,
        "model_state_dict": model.state_dict(),
        "optimizer_state_dict": {},
        "train_loss": 1.0,
        "val_loss": 0.9,
        "best_val_loss": 0.9,
    }
    torch.save(state, folder / "checkpoint_vlm_epoch_3.pt")


def training_config(settings, name):
    return {
        "visual_backbone": "both",
        "visual_fusion": "attention",
        "feature_dim": settings["feature_dim"],
        **settings[name],
        "backbones": "evaluation mode throughout: running statistics are used, not updated",
        "dropout": 0.0,
        "sizes": settings["sizes"],
    }


def make_training_case(folder, weights, config, tokens, generator):
    training = Training(config)
    draw_weights(training, generator)
    training.model.load_state_dict(weights)
    before = clone(training.state_dict())
    batches = [draw_batch(config, tokens, generator) for _ in range(config["batches"])]
    shape = (config["steps"], config["pages"])
    masked = torch.randint(0, config["panels"], shape, generator=generator).tolist()
    gradients, log, after = train(training, batches, masked)
    metadata = {"config": config, "columns": LOG_COLUMNS, "masked_panel_per_page": masked}
    numbered = {f"{index}.{name}": tensor for index, batch in enumerate(batches) for name, tensor in batch.items()}
    files = {
        "before": before,
        "batches": numbered,
        "gradients_step0": gradients,
        "log": {"log": log},
        "after": changed(after, before),
    }
    for name, tensors in files.items():
        write_safetensors(folder / f"{name}.safetensors", tensors, metadata)


# Checking a set


def check(folder):
    """Prints the worst difference of each case, relative to the size of what is compared. True if all are small."""
    passed = True
    for case in sorted(folder.iterdir()):
        if (case / "io.safetensors").exists():
            found = {"forward": check_forward_case(case)}
        elif (case / "before.safetensors").exists():
            found = check_training_case(case)
        else:
            continue
        for what, (difference, where) in found.items():
            close = difference <= TOLERANCE[what]
            passed = passed and close
            print(f"{case.name:18} {what:10} {difference:.1e} {'' if close else 'TOO FAR '}({where})")
    return passed


def check_forward_case(folder):
    io, metadata = read_safetensors(folder / "io.safetensors")
    weights, _ = read_safetensors(folder / "weights.safetensors")
    model = load_double(Stage3(json.loads(metadata["config"])), weights)
    inputs = double({name[3:]: tensor for name, tensor in io.items() if name.startswith("in.")})
    expected = {name[4:]: tensor for name, tensor in io.items() if name.startswith("out.")}
    for file in folder.glob("*.pt"):
        state = torch.load(file)
        assert_same_weights(state.get("model_state_dict", state), weights, file)
    return worst(forward_outputs(model, inputs), expected)


def check_training_case(folder):
    files = ("before", "batches", "gradients_step0", "log", "after")
    read = {name: read_safetensors(folder / f"{name}.safetensors") for name in files}
    metadata = read["before"][1]
    before, numbered, gradients, log, after = (read[name][0] for name in files)
    training = load_double(Training(json.loads(metadata["config"])), before)
    training_before = clone(training.state_dict())
    batches = [{} for _ in range(training.config["batches"])]
    for key, tensor in numbered.items():
        index, name = key.split(".")
        batches[int(index)][name] = tensor
    batches = [double(batch) for batch in batches]
    found_gradients, found_log, found = train(training, batches, json.loads(metadata["masked_panel_per_page"]))
    rows = {f"step {step}": row for step, row in enumerate(log["log"])}
    found_rows = {f"step {step}": row for step, row in enumerate(found_log)}
    return {
        "losses": worst(found_rows, rows, elementwise_difference),
        "gradients": worst(found_gradients, gradients),
        "weights": worst(changed(found, training_before), after),
    }


def load_double(module, weights):
    module.load_state_dict(weights)
    return module.double()


def double(tensors):
    return {name: tensor.double() if tensor.is_floating_point() else tensor for name, tensor in tensors.items()}


def assert_same_weights(state, weights, file):
    if list(state) != list(weights) or any(not torch.equal(state[name], weights[name]) for name in weights):
        raise ValueError(f"{file} has other weights than the safetensors file")


def relative_norm(found, expected):
    return ((found.double() - expected.double()).norm() / expected.double().norm()).item()


def elementwise_difference(found, expected):
    return ((found - expected).abs() / expected.abs()).max().item()


def worst(found, expected, difference=relative_norm):
    """The largest difference of tensors with the same names, and the name. Leaves out what is rounding noise."""
    if list(found) != list(expected):
        only = sorted(set(found) ^ set(expected))
        raise ValueError(f"names or their order differ: {only[:5]}")
    compared = [name for name in expected if not name.endswith(NOISE)]
    return max((difference(found[name], expected[name]), name) for name in compared)


def main():
    arguments = parse_arguments()
    if arguments.command == "make":
        make(arguments.folder, arguments.sizes, arguments.pages, arguments.seed)
    elif arguments.command == "checkpoint":
        make_checkpoint(arguments.folder, arguments.sizes, arguments.seed)
    elif not check(arguments.folder):
        sys.exit(1)


def parse_arguments():
    here = Path(__file__).resolve().parent
    pages = here.parent.parent / "test/fixtures/reference/pages"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make", help="write a set with random weights")
    making.add_argument("--sizes", type=Path, default=here / "other-sizes.json", help="sizes of models and batches")
    making.add_argument("--pages", type=Path, default=pages, help="folder to copy: pages hold no sizes of models")
    checkpoint = commands.add_parser("checkpoint", help="write the weights of one model")
    checkpoint.add_argument("--sizes", type=Path, default=here / "checkpoint-sizes.json", help="sizes of the model")
    for command in (making, checkpoint):
        command.add_argument("folder", type=Path, help="of the new files")
        command.add_argument("--seed", type=int, default=1)
    checking = commands.add_parser("check", help="compute a set again and compare")
    checking.add_argument("folder", type=Path, help="of an existing set")
    return parser.parse_args()


if __name__ == "__main__":
    main()
