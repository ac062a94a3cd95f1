"""The denoiser: a small UNet2DConditionModel on latents of 16x16 cells, and how it starts."""

import torch
from diffusers import DPMSolverMultistepScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn

from generation.postcard.muon import Muon
from generation.postcard.text import WIDTH

TRAIN_STEPS = 1000


def new_unet() -> UNet2DConditionModel:
    """Freshly started weights; the last layer of every residual block is zero."""
    unet = UNet2DConditionModel(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        block_out_channels=(64, 128, 160),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        cross_attention_dim=WIDTH,
        attention_head_dim=(2, 4, 5),
        norm_num_groups=16,
        resnet_time_scale_shift="scale_shift",
        addition_embed_type="text",
        addition_embed_type_num_heads=5,
    )
    for module in unet.modules():
        if type(module).__name__ == "ResnetBlock2D":
            nn.init.zeros_(module.conv2.weight)
            nn.init.zeros_(module.conv2.bias)
    nn.init.zeros_(unet.conv_out.weight)
    nn.init.zeros_(unet.conv_out.bias)
    return unet


def ready_for_training(unet: UNet2DConditionModel) -> UNet2DConditionModel:
    """Plain attention and channels-last weights, which a CPU trains faster; same results."""
    unet.set_attn_processor(AttnProcessor())
    return unet.to(memory_format=torch.channels_last).train()


def new_scheduler() -> DPMSolverMultistepScheduler:
    """The sampler saved with the model; its config also serves DDIM, Euler, UniPC, PNDM and LCM."""
    scheduler = DPMSolverMultistepScheduler(
        num_train_timesteps=TRAIN_STEPS,
        beta_schedule="squaredcos_cap_v2",
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        lambda_min_clipped=-5.1,
    )
    # Not its own: DDIM and DDPM made from this config would clip the latents without it.
    scheduler.register_to_config(clip_sample=False)
    return scheduler


def signal_and_noise() -> tuple[Tensor, Tensor]:
    """How much picture and how much noise a latent has at each of the 1000 times."""
    kept = new_scheduler().alphas_cumprod.float()
    return kept.sqrt(), (1 - kept).sqrt()


def v_target(latents: Tensor, noise: Tensor, signal: Tensor, spread: Tensor) -> Tensor:
    return signal * noise - spread * latents


def optimisers(
    unet: UNet2DConditionModel, muon_rate: float, adam_rate: float
) -> tuple[Muon, torch.optim.AdamW]:
    """Muon for the matrices inside, AdamW for embeddings, ends, norms and biases."""
    matrices, rest = [], []
    for name, parameter in unet.named_parameters():
        outer = name.startswith(("conv_in", "conv_out", "time_embedding", "add_embedding"))
        (rest if parameter.ndim < 2 or outer else matrices).append(parameter)
    return Muon(matrices, muon_rate), torch.optim.AdamW(
        rest, lr=adam_rate, betas=(0.9, 0.98), weight_decay=0.0
    )


def rate_at(step: int, done: float) -> float:
    """Share of the full learning rate: 50 steps of warm-up, linear decay over the second half."""
    return min(1.0, (step + 1) / 50) * min(1.0, max(0.02, 2 * (1 - done)))


def stratified_times(count: int, generator: torch.Generator) -> Tensor:
    """(count,) times spread evenly over 0..999, a little more of them at high noise."""
    u = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    u = u[torch.randperm(count, generator=generator)]
    return (TRAIN_STEPS * u.pow(0.65)).long().clamp(0, TRAIN_STEPS - 1)


class Average:
    """Exponential moving average of the weights, young averages forgetting faster."""

    def __init__(self, unet: UNet2DConditionModel, decay: float) -> None:
        self.decay = decay
        self.weights = {name: p.detach().clone() for name, p in unet.named_parameters()}

    @torch.no_grad()
    def update(self, unet: UNet2DConditionModel, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, parameter in unet.named_parameters():
            self.weights[name].lerp_(parameter, 1 - decay)

    @torch.no_grad()
    def copy_to(self, unet: UNet2DConditionModel) -> None:
        for name, parameter in unet.named_parameters():
            parameter.copy_(self.weights[name])
