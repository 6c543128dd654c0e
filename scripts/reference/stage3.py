"""The original Stage 3 network in plain PyTorch, under the original's parameter names.

Covers the model (two visual backbones, BERT, composition numbers, fusion) and the three training objectives. The
backbones stand in for transformers' SiglipVisionModel and BertModel and for timm's ResNet: same layers, same keys.
"""

import torch
from torch import nn
from torch.nn import functional

SIGLIP_EPSILON = 1e-6
BERT_EPSILON = 1e-12
RESNET_EXPANSION = 4
COMPOSITION_FEATURES = 7
COMPOSITION_HIDDEN = 256
MODALITIES = 3
TOKEN_TYPES = 2


def attend(query, key, value, heads, logit_offset=0.0):
    """Scaled dot-product attention of several heads: (n, t, width) each -> (n, t, width)."""

    def split(x):
        return x.view(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)

    query, key, value = split(query), split(key), split(value)
    logits = query @ key.transpose(2, 3) * query.shape[-1] ** -0.5 + logit_offset
    return (logits.softmax(-1) @ value).transpose(1, 2).flatten(2)


class SiglipAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.q_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, x):
        return self.out_proj(attend(self.q_proj(x), self.k_proj(x), self.v_proj(x), self.heads))


class SiglipMlp(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x):
        return self.fc2(functional.gelu(self.fc1(x), approximate="tanh"))


class SiglipLayer(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.layer_norm1 = nn.LayerNorm(width, SIGLIP_EPSILON)
        self.self_attn = SiglipAttention(width, heads)
        self.layer_norm2 = nn.LayerNorm(width, SIGLIP_EPSILON)
        self.mlp = SiglipMlp(width, hidden)

    def forward(self, x):
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


class SiglipEmbeddings(nn.Module):
    def __init__(self, width, patch, image):
        super().__init__()
        self.patch_embedding = nn.Conv2d(3, width, patch, stride=patch)
        self.position_embedding = nn.Embedding((image // patch) ** 2, width)

    def forward(self, images):
        return self.patch_embedding(images).flatten(2).transpose(1, 2) + self.position_embedding.weight


class SiglipPoolingHead(nn.Module):
    """One learned query attends to all patches."""

    def __init__(self, width, heads, hidden):
        super().__init__()
        self.probe = nn.Parameter(torch.zeros(1, 1, width))
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.layernorm = nn.LayerNorm(width, SIGLIP_EPSILON)
        self.mlp = SiglipMlp(width, hidden)

    def forward(self, x):
        pooled = self.attention(self.probe.expand(len(x), -1, -1), x, x)[0]
        return (pooled + self.mlp(self.layernorm(pooled)))[:, 0]


class SiglipVisionTransformer(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        width, heads, hidden = sizes["hidden"], sizes["heads"], sizes["inter"]
        self.embeddings = SiglipEmbeddings(width, sizes["patch"], sizes["image"])
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(SiglipLayer(width, heads, hidden) for _ in range(sizes["layers"]))
        self.post_layernorm = nn.LayerNorm(width, SIGLIP_EPSILON)
        self.head = SiglipPoolingHead(width, heads, hidden)

    def forward(self, images):
        x = self.embeddings(images)
        for layer in self.encoder.layers:
            x = layer(x)
        return self.head(self.post_layernorm(x))


class Siglip(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.vision_model = SiglipVisionTransformer(sizes)
        self.features = sizes["hidden"]

    def forward(self, images):
        return self.vision_model(images)


class Bottleneck(nn.Module):
    def __init__(self, channels, planes, stride):
        super().__init__()
        out = RESNET_EXPANSION * planes
        self.conv1 = nn.Conv2d(channels, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.downsample = None
        if stride > 1 or channels != out:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, out, 1, stride=stride, bias=False), nn.BatchNorm2d(out)
            )

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        x = functional.relu(self.bn1(self.conv1(x)))
        x = functional.relu(self.bn2(self.conv2(x)))
        return functional.relu(self.bn3(self.conv3(x)) + shortcut)


class Resnet(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        channels = sizes["planes"][0]
        self.conv1 = nn.Conv2d(3, channels, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        for index, (planes, count) in enumerate(zip(sizes["planes"], sizes["blocks"])):
            blocks = []
            for block in range(count):
                blocks.append(Bottleneck(channels, planes, stride=2 if index > 0 and block == 0 else 1))
                channels = RESNET_EXPANSION * planes
            self.add_module(f"layer{index + 1}", nn.Sequential(*blocks))
        self.stages = len(sizes["planes"])
        self.features = channels

    def forward(self, images):
        x = functional.relu(self.bn1(self.conv1(images)))
        x = functional.max_pool2d(x, 3, stride=2, padding=1)
        for index in range(self.stages):
            x = getattr(self, f"layer{index + 1}")(x)
        return x.mean((2, 3))


class BertEmbeddings(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.word_embeddings = nn.Embedding(sizes["vocab"], sizes["hidden"])
        self.position_embeddings = nn.Embedding(sizes["positions"], sizes["hidden"])
        self.token_type_embeddings = nn.Embedding(TOKEN_TYPES, sizes["hidden"])
        self.LayerNorm = nn.LayerNorm(sizes["hidden"], BERT_EPSILON)

    def forward(self, ids):
        positions = self.position_embeddings.weight[: ids.shape[1]]
        return self.LayerNorm(self.word_embeddings(ids) + positions + self.token_type_embeddings.weight[0])


class BertSelfAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)

    def forward(self, x, logit_offset):
        return attend(self.query(x), self.key(x), self.value(x), self.heads, logit_offset)


class BertOutput(nn.Module):
    def __init__(self, inputs, width):
        super().__init__()
        self.dense = nn.Linear(inputs, width)
        self.LayerNorm = nn.LayerNorm(width, BERT_EPSILON)

    def forward(self, x, residual):
        return self.LayerNorm(self.dense(x) + residual)


class BertLayer(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.attention = nn.Module()
        self.attention.self = BertSelfAttention(width, heads)
        self.attention.output = BertOutput(width, width)
        self.intermediate = nn.Module()
        self.intermediate.dense = nn.Linear(width, hidden)
        self.output = BertOutput(hidden, width)

    def forward(self, x, logit_offset):
        x = self.attention.output(self.attention.self(x, logit_offset), x)
        return self.output(functional.gelu(self.intermediate.dense(x)), x)


class Bert(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        width = sizes["hidden"]
        self.embeddings = BertEmbeddings(sizes)
        self.encoder = nn.Module()
        self.encoder.layer = nn.ModuleList(
            BertLayer(width, sizes["heads"], sizes["inter"]) for _ in range(sizes["layers"])
        )
        # Mean pooling does not use it, but its weights are in every checkpoint.
        self.pooler = nn.Module()
        self.pooler.dense = nn.Linear(width, width)

    def forward(self, ids, mask):
        """Token ids and mask (n, t) -> mean of the tokens that the mask shows (n, width)."""
        x = self.embeddings(ids)
        shown = mask.to(x.dtype)
        logit_offset = ((1 - shown) * torch.finfo(x.dtype).min)[:, None, None, :]
        for layer in self.encoder.layer:
            x = layer(x, logit_offset)
        return (x * shown[:, :, None]).sum(1) / shown.sum(1, keepdim=True).clamp(min=1)


def adaptation(features, dimensions):
    """Layers between a backbone and the fusion. The dropout layer is there for the numbers in the keys."""
    hidden = features // 2
    return nn.Sequential(
        nn.Linear(features, hidden),
        nn.LayerNorm(hidden),
        nn.GELU(),
        nn.Dropout(0.0),
        nn.Linear(hidden, dimensions),
        nn.LayerNorm(dimensions),
    )


BACKBONES = {"siglip": Siglip, "resnet": Resnet}


class SingleVision(nn.Module):
    """One backbone: its adapted features are the vision vector."""

    def __init__(self, name, sizes, dimensions):
        super().__init__()
        self.name = name
        backbone = BACKBONES[name](sizes[name])
        self.add_module(name, backbone)
        self.adaptation = adaptation(backbone.features, dimensions)

    def pool(self, images):
        return getattr(self, self.name)(images)

    def forward(self, images):
        """Vision vector (n, d), and what leads to it by name."""
        pooled = self.pool(images)
        return self.adaptation(pooled), {f"{self.name}_pooled": pooled}


class TwoBackboneVision(nn.Module):
    """SigLIP and ResNet, weighted for each panel by `attention` (one layer) or `gate` (two)."""

    def __init__(self, fusion, sizes, dimensions):
        super().__init__()
        self.siglip = SingleVision("siglip", sizes, dimensions)
        self.resnet = SingleVision("resnet", sizes, dimensions)
        if fusion == "attention":
            self.attention = nn.Sequential(nn.Linear(2 * dimensions, 2), nn.Softmax(-1))
        else:
            self.gate = nn.Sequential(
                nn.Linear(2 * dimensions, dimensions), nn.GELU(), nn.Linear(dimensions, 2), nn.Softmax(-1)
            )
        self.fusion = fusion

    def forward(self, images):
        siglip, siglip_steps = self.siglip(images)
        resnet, resnet_steps = self.resnet(images)
        weights = getattr(self, self.fusion)(torch.cat([siglip, resnet], 1))
        vector = weights[:, :1] * siglip + weights[:, 1:] * resnet
        return vector, {"siglip": siglip, "resnet": resnet, **siglip_steps, **resnet_steps}


class Text(nn.Module):
    def __init__(self, sizes, dimensions):
        super().__init__()
        self.encoder = Bert(sizes)
        self.proj = nn.Linear(sizes["hidden"], dimensions)

    def forward(self, ids, mask):
        pooled = self.encoder(ids, mask)
        return self.proj(pooled), {"text_pooled": pooled}


class Composition(nn.Module):
    def __init__(self, dimensions):
        super().__init__()
        hidden = COMPOSITION_HIDDEN
        self.mlp = nn.Sequential(
            nn.Linear(COMPOSITION_FEATURES, hidden),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Dropout(0.0),
            nn.Linear(hidden, hidden),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Dropout(0.0),
            nn.Linear(hidden, dimensions),
        )

    def forward(self, features):
        return self.mlp(features)


class AdaptiveFusion(nn.Module):
    """Weights the modalities of each panel by a gate. As in the original, absent ones still enter the gate and the mean."""

    def __init__(self, dimensions, modality_indicators):
        super().__init__()
        self.modality_indicators = modality_indicators
        self.residual_weight = nn.Parameter(torch.tensor(0.1))
        self.norm_vision = nn.LayerNorm(dimensions)
        self.norm_text = nn.LayerNorm(dimensions)
        self.norm_comp = nn.LayerNorm(dimensions)
        inputs = MODALITIES * dimensions + (MODALITIES if modality_indicators else 0)
        self.gate = nn.Sequential(nn.Linear(inputs, dimensions), nn.GELU(), nn.Linear(dimensions, MODALITIES))

    def forward(self, vision, text, composition, mask):
        normed = [self.norm_vision(vision), self.norm_text(text), self.norm_comp(composition)]
        logits = self.gate(torch.cat([*normed, mask] if self.modality_indicators else normed, 1))
        weights = logits.masked_fill(mask == 0, -1e4).softmax(1)
        stacked = torch.stack(normed, 1)
        return (weights[:, :, None] * stacked).sum(1) + self.residual_weight * stacked.mean(1)


class Stage3(nn.Module):
    """The whole model of a configuration: visual_backbone, visual_fusion, feature_dim, use_modality_indicators, sizes."""

    def __init__(self, config):
        super().__init__()
        sizes, dimensions = config["sizes"], config["feature_dim"]
        if config["visual_backbone"] == "both":
            self.vision = TwoBackboneVision(config["visual_fusion"], sizes, dimensions)
        else:
            self.vision = SingleVision(config["visual_backbone"], sizes, dimensions)
        self.text = Text(sizes["bert"], dimensions)
        self.comp = Composition(dimensions)
        self.fusion = AdaptiveFusion(dimensions, config.get("use_modality_indicators", True))

    def encode(self, batch):
        """Vectors of the three modalities (n, d) each, and what leads to them by name."""
        vision, steps = self.vision(batch["images"])
        text, text_steps = self.text(batch["input_ids"], batch["attention_mask"])
        composition = self.comp(batch["comp_feats"])
        return (vision, text, composition), {**steps, **text_steps}

    def backbones(self):
        """The pretrained encoders, which `freeze_backbones` leaves as they are."""
        visual = [self.vision] if isinstance(self.vision, SingleVision) else [self.vision.siglip, self.vision.resnet]
        return [getattr(vision, vision.name) for vision in visual] + [self.text.encoder]


class Training(nn.Module):
    """The model together with its objectives; the reconstruction objective has layers of its own."""

    def __init__(self, config):
        super().__init__()
        dimensions = config["feature_dim"]
        self.config = config
        self.model = Stage3(config)
        self.objectives = nn.Module()
        self.objectives.reconstruction_head = nn.Sequential(
            nn.Linear(dimensions, 2 * dimensions), nn.GELU(), nn.Dropout(0.0), nn.Linear(2 * dimensions, dimensions)
        )

    def forward(self, batch, masked_panels):
        """Loss of a batch of pages, and its three parts. `masked_panels` is the index of the hidden panel of each page."""
        pages, panels = batch["modality_mask"].shape[:2]
        flat = {name: values.flatten(0, 1) for name, values in batch.items()}
        mask = flat["modality_mask"]
        (vision, text, composition), _ = self.model.encode(flat)
        fused = self.model.fusion(vision, text, composition, mask)
        page = torch.arange(pages).repeat_interleave(panels)
        temperature = self.config["temperature"]
        parts = {
            "contrastive": contrastive_loss(fused, page, temperature),
            "reconstruction": self.reconstruction_loss(fused.view(pages, panels, -1), masked_panels),
            "alignment": alignment_loss(vision, text, mask[:, 0] * mask[:, 1], temperature),
        }
        return sum(self.config["weights"][name] * part for name, part in parts.items()), parts

    def reconstruction_loss(self, vectors, masked_panels):
        """Mean square error of a panel that is guessed from the mean of the page's others."""
        is_hidden = functional.one_hot(masked_panels, vectors.shape[1]).bool()
        hidden = vectors[is_hidden]
        context = vectors[~is_hidden].view(len(vectors), -1, vectors.shape[2]).mean(1)
        return functional.mse_loss(self.objectives.reconstruction_head(context), hidden)


def contrastive_loss(vectors, page, temperature):
    """Supervised contrastive loss: the panels of the same page are the positives."""
    normed = functional.normalize(vectors, dim=1)
    itself = torch.eye(len(page), dtype=torch.bool)
    logits = (normed @ normed.T / temperature).masked_fill(itself, -1e9)
    log_shares = logits - logits.logsumexp(1, keepdim=True)
    positives = (page[:, None] == page[None, :]) & ~itself
    return -((log_shares * positives).sum(1) / positives.sum(1)).mean()


def alignment_loss(vision, text, has_both, temperature):
    """Cross-entropy from pictures to texts over the panels that have both."""
    rows = has_both > 0
    vision, text = functional.normalize(vision[rows], dim=1), functional.normalize(text[rows], dim=1)
    return functional.cross_entropy(vision @ text.T / temperature, torch.arange(len(vision)))
