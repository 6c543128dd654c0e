"""Makes what the tests of SigLIP's two towers compare with: transformers' SiglipModel, and its tokenizer.

    python3 siglip_towers.py towers FOLDER [--full-size]
    python3 siglip_towers.py tokenizer FOLDER TEXT...

`towers` computes features and logits of random weights; with `--full-size` at the sizes of siglip-base-patch16-224.
`tokenizer` trains a small SentencePiece model on text files, writes it as a tokenizer.json with the rules of the published
one, and the token ids that SiglipTokenizer has for a few texts.
"""

import argparse
import json
import string
import tempfile
from pathlib import Path

import torch
from transformers import SiglipConfig, SiglipModel

from safetensors_file import write_safetensors

SMALL = {"hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4}
SMALL_TEXT = SMALL | {"vocab_size": 60, "max_position_embeddings": 12, "projection_size": 24}
SMALL_VISION = SMALL | {"image_size": 24, "patch_size": 8}
FULL = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
FULL_TEXT = FULL | {"vocab_size": 32000, "max_position_embeddings": 64, "projection_size": 768}
FULL_VISION = FULL | {"image_size": 224, "patch_size": 16}
PAD = 1
VOCABULARY = 320
TEXTS = [
    "a cat",
    "A photo of 2 cats!",
    "  Rainy street,\n\tat night...  ",
    "don't stop: it's (very) late",
    "cr\u00e8me br\u00fbl\u00e9e & \u2460 \ufb01sh",
    "\u732b is a cat",
    "!?",
    "a\u2581cat",
    "supercalifragilisticexpialidocious " * 12,
]


def make_towers(folder, is_full_size):
    text, vision = (FULL_TEXT, FULL_VISION) if is_full_size else (SMALL_TEXT, SMALL_VISION)
    config = SiglipConfig(text_config=text, vision_config=vision)
    generator = torch.Generator().manual_seed(1)
    model = SiglipModel(config).eval()
    state = {name: draw(name, tensor, generator) for name, tensor in model.state_dict().items()}
    model.load_state_dict(state)
    positions = text["max_position_embeddings"]
    ids = torch.full((4, positions), PAD)
    for row, length in enumerate([1, 3, positions - 1, positions]):
        ids[row, :length] = torch.randint(2, text["vocab_size"], (length,), generator=generator)
    images = torch.randn(3, 3, vision["image_size"], vision["image_size"], generator=generator)
    with torch.no_grad():
        output = model(input_ids=ids, pixel_values=images)
    heads = {"heads": text["num_attention_heads"]}
    write_safetensors(folder / "weights.safetensors", state, heads)
    tensors = {
        "input_ids": ids,
        "images": images,
        "text_features": output.text_model_output.pooler_output,
        "image_features": output.vision_model_output.pooler_output,
        "probabilities": torch.sigmoid(output.logits_per_image),
    }
    write_safetensors(folder / "io.safetensors", tensors, heads)


def draw(name, tensor, generator):
    """Weights under which activations keep their scale."""
    normal = torch.randn(tensor.shape, generator=generator)
    if name == "logit_scale":
        return torch.full_like(tensor, 2.5)
    if name == "logit_bias":
        return torch.full_like(tensor, -1.5)
    if tensor.dim() == 1:
        return normal * 0.1 + (1 if name.endswith("weight") else 0)
    return normal * (1 if "embedding.weight" in name and tensor.dim() == 2 else tensor[0].numel() ** -0.5)


def make_tokenizer(folder, files):
    import sentencepiece
    from tokenizers import Regex, normalizers
    from tokenizers.processors import TemplateProcessing
    from transformers import SiglipTokenizer
    from transformers.convert_slow_tokenizer import SpmConverter

    class Converter(SpmConverter):
        """The rules of the slow tokenizer: it lowers the case, drops punctuation, and ends texts with </s>."""

        def normalizer(self, proto):
            return normalizers.Sequence(
                [
                    normalizers.Lowercase(),
                    normalizers.Replace(Regex("[" + "".join(f"\\{sign}" for sign in string.punctuation) + "]"), ""),
                    normalizers.Replace(Regex("\\s+"), " "),
                    normalizers.Strip(),
                    super().normalizer(proto),
                ]
            )

        def post_processor(self):
            return TemplateProcessing(single=["$A", "</s>"], special_tokens=[("</s>", PAD)])

    with tempfile.TemporaryDirectory() as scratch:
        prefix = str(Path(scratch) / "spiece")
        sentencepiece.SentencePieceTrainer.train(
            input=",".join(map(str, files)),
            model_prefix=prefix,
            vocab_size=VOCABULARY,
            pad_id=0,
            eos_id=PAD,
            unk_id=2,
            bos_id=-1,
            minloglevel=2,
        )
        tokenizer = SiglipTokenizer(f"{prefix}.model")
        converted = Converter(tokenizer).converted()
    folder.mkdir(parents=True, exist_ok=True)
    # The table of SentencePiece's normalisation is 300 KB, and readers in JavaScript have NFKC in its place.
    saved = json.loads(converted.to_str())
    for normalizer in saved["normalizer"]["normalizers"]:
        if normalizer["type"] == "Precompiled":
            normalizer["precompiled_charsmap"] = ""
    (folder / "tokenizer.json").write_text(json.dumps(saved, ensure_ascii=False) + "\n", encoding="utf-8")
    rows = [
        {"text": text, "ids": tokenizer(text, padding="max_length", truncation=True)["input_ids"]} for text in TEXTS
    ]
    for row in rows:
        fast = converted.encode(row["text"]).ids[:-1][:63]
        assert fast + [PAD] * (64 - len(fast)) == row["ids"], row["text"]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "token-ids.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    towers = commands.add_parser("towers")
    towers.add_argument("folder", type=Path)
    towers.add_argument("--full-size", action="store_true")
    tokenizer_parser = commands.add_parser("tokenizer")
    tokenizer_parser.add_argument("folder", type=Path)
    tokenizer_parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args()
    if options.command == "towers":
        make_towers(options.folder, options.full_size)
    else:
        make_tokenizer(options.folder, options.files)
