/** Means and standard deviations of RGB in 0..1, as torchvision's models are trained with. */
export const IMAGENET_NORMALISATION = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
/** What SigLIP is trained with: -1..1. */
export const SIGLIP_NORMALISATION = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
