"""Trains the denoiser: one process per core with gradients averaged, or one on a GPU; stopped and
taken up at will."""

import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed as dist
from diffusers import AutoencoderTiny
from torch.nn.utils import clip_grad_norm_
from transformers import CLIPTextModel, CLIPTokenizer

from generation.postcard.assemble import save_parts
from generation.postcard.budget import Budget
from generation.postcard.cache import Cache
from generation.postcard.classifier import cached_classifier
from generation.postcard.evaluate import quick_check, with_all_three
from generation.postcard.text import encode_texts
from generation.postcard.unet import (
    Average,
    new_unet,
    optimisers,
    rate_at,
    ready_for_training,
    signal_and_noise,
    stratified_times,
    v_target,
)

MUON_RATE = 0.007
ADAM_RATE = 1e-3
EMPTY_SHARE = 0.1
CHECK_STEPS = 12
CLASSIFIER = "classifier.safetensors"


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard to train."""

    run: Path
    budget: Budget
    batch: int
    processes: int
    seed: int
    device: str = "cpu"
    average_decay: float = 0.998
    report_every: float = 20.0
    save_every: float = 420.0
    check_prompts: int = 0


def train_denoiser(plan: Plan) -> None:
    """Train until `plan.budget` is spent, counting earlier runs in this folder."""
    meeting = plan.run / "meeting"
    meeting.unlink(missing_ok=True)
    if plan.processes == 1:
        _train(0, plan)
    else:
        torch.multiprocessing.spawn(_train, (plan,), nprocs=plan.processes)
    meeting.unlink(missing_ok=True)


def _train(rank: int, plan: Plan) -> None:
    torch.set_num_threads(1)
    if plan.processes > 1:
        dist.init_process_group(
            "gloo",
            init_method=f"file://{(plan.run / 'meeting').resolve()}",
            rank=rank,
            world_size=plan.processes,
        )
    _Trainer(rank, plan).run()
    if plan.processes > 1:
        dist.destroy_process_group()


class _Trainer:
    def __init__(self, rank: int, plan: Plan) -> None:
        self.rank, self.plan = rank, plan
        torch.manual_seed(plan.seed)
        self.device = torch.device(plan.device)
        self.unet = ready_for_training(new_unet()).to(self.device)
        self.muon, self.adam = optimisers(self.unet, MUON_RATE, ADAM_RATE)
        self.average = Average(self.unet, plan.average_decay)
        self.step, self.samples, self.seconds = 0, 0, 0.0
        vae = AutoencoderTiny.from_pretrained(plan.run / "vae")
        empty = encode_texts(
            CLIPTokenizer.from_pretrained(plan.run / "tokenizer"),
            CLIPTextModel.from_pretrained(plan.run / "text_encoder"),
            [""],
        )
        self.cache = Cache(plan.run, empty[0], vae.config.scaling_factor, self.device)
        self.signal, self.spread = (table.to(self.device) for table in signal_and_noise())
        self._resume()

    @property
    def _checkpoint(self) -> Path:
        return self.plan.run / "denoiser.pt"

    def _resume(self) -> None:
        if not self._checkpoint.exists():
            return
        saved = torch.load(self._checkpoint, map_location=self.device, weights_only=True)
        self.unet.load_state_dict(saved["unet"])
        self.average.weights = saved["average"]
        self.muon.load_state_dict(saved["muon"])
        self.adam.load_state_dict(saved["adam"])
        self.step, self.samples = saved["step"], saved["samples"]
        self.seconds = saved["seconds"]
        if self.rank == 0:
            print(f"taking up at step {self.step}, {self.seconds / 60:.1f} min", flush=True)

    def _save(self) -> None:
        part = self._checkpoint.with_suffix(".part")
        torch.save(
            {
                "unet": self.unet.state_dict(),
                "average": self.average.weights,
                "muon": self.muon.state_dict(),
                "adam": self.adam.state_dict(),
                "step": self.step,
                "samples": self.samples,
                "seconds": self.seconds,
            },
            part,
        )
        part.rename(self._checkpoint)
        with torch.no_grad():
            shipped = {
                name: self.average.weights.get(name, tensor).contiguous().clone().cpu()
                for name, tensor in self.unet.state_dict().items()
            }
        pipeline = save_parts(self.plan.run, shipped, self.unet)
        if self.plan.check_prompts:
            self._check(pipeline)

    def _check(self, pipeline: Path) -> None:
        """Add a line to the table of what the model obeys so far."""
        classifier = cached_classifier(self.plan.run / CLASSIFIER, 0, lambda _: None)
        result = quick_check(pipeline, classifier, self.plan.check_prompts, CHECK_STEPS)
        shares = with_all_three(result)
        table = self.plan.run / "checks.csv"
        if not table.exists():
            table.write_text(",".join(["samples", "minutes", *shares]) + "\n")
        values = ",".join(f"{share:.2f}" for share in shares.values())
        with table.open("a") as lines:
            lines.write(f"{self.samples},{self.seconds / 60:.1f},{values}\n")
        said = "  ".join(f"{name} {share:.0%}" for name, share in shares.items())
        print(f"check at {self.samples / 1000:.0f} k samples: {said}", flush=True)

    def run(self) -> None:
        plan = self.plan
        share = plan.batch // plan.processes
        last = time.monotonic()
        reported, saved = self.seconds, self.seconds
        loss_sum, loss_count = 0.0, 0
        while self._done < 1:
            # The size of the pictures must agree between processes, or the faster one waits.
            shared = torch.Generator().manual_seed(plan.seed * 1_000_003 + self.step)
            own = torch.Generator().manual_seed(
                (plan.seed * 1_000_003 + self.step) * 16 + self.rank + 1
            )
            loss = self._one_step(share, shared, own)
            loss_sum, loss_count = loss_sum + loss, loss_count + 1
            now = time.monotonic()
            self.seconds = self._agreed(self.seconds + now - last)
            last = now
            self.step += 1
            self.samples += share * plan.processes
            if self.seconds - reported >= plan.report_every or self._done >= 1:
                if self.rank == 0:
                    rate = loss_count * plan.batch / max(self.seconds - reported, 1e-9)
                    self._report(loss_sum / loss_count, rate)
                reported, loss_sum, loss_count = self.seconds, 0.0, 0
            if self.seconds - saved >= plan.save_every or self._done >= 1:
                saved = self.seconds
                if self.rank == 0:
                    self._save()

    @property
    def _done(self) -> float:
        return self.plan.budget.done(self.seconds, self.step)

    def _agreed(self, seconds: float) -> float:
        if self.plan.processes == 1:
            return seconds
        clock = torch.tensor([seconds], dtype=torch.float64)
        dist.broadcast(clock, 0)
        return float(clock)

    def _one_step(self, count: int, shared: torch.Generator, own: torch.Generator) -> float:
        rate = rate_at(self.step, self._done)
        self.muon.param_groups[0]["lr"] = MUON_RATE * rate
        self.adam.param_groups[0]["lr"] = ADAM_RATE * rate

        latents, states = self.cache.batch(count, shared, own, EMPTY_SHARE)
        times = stratified_times(count, own).to(self.device)
        noise = torch.randn(latents.shape, generator=own).to(self.device)
        signal = self.signal[times].view(-1, 1, 1, 1)
        spread = self.spread[times].view(-1, 1, 1, 1)
        noisy = signal * latents + spread * noise
        noisy = noisy.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16):
            said = self.unet(noisy, times, states).sample
        loss = (said.float() - v_target(latents, noise, signal, spread)).square().mean()
        loss.backward()
        self._average_gradients()
        clip_grad_norm_(self.unet.parameters(), 1.0)
        self.muon.step()
        self.adam.step()
        self.unet.zero_grad(set_to_none=True)
        self.average.update(self.unet, self.step)
        return float(loss.detach())

    def _average_gradients(self) -> None:
        if self.plan.processes == 1:
            return
        gradients = [p.grad for p in self.unet.parameters() if p.grad is not None]
        flat = torch.cat([gradient.reshape(-1) for gradient in gradients]).bfloat16()
        dist.all_reduce(flat)
        flat = flat.float() / self.plan.processes
        start = 0
        for gradient in gradients:
            gradient.copy_(flat[start : start + gradient.numel()].view(gradient.shape))
            start += gradient.numel()

    def _report(self, loss: float, rate: float) -> None:
        plan = self.plan
        table = plan.run / "denoiser.csv"
        if not table.exists():
            table.write_text("step,samples,minutes,loss,samples_per_second\n")
        with table.open("a") as lines:
            lines.write(
                f"{self.step},{self.samples},{self.seconds / 60:.2f},{loss:.4f},{rate:.0f}\n"
            )
        done = min(1.0, self._done)
        bar = "#" * round(done * 24)
        left = self.seconds / done - self.seconds
        print(
            f"denoiser [{bar:<24}] {done:4.0%}  step {self.step:6}  {self.samples / 1000:6.0f} k "
            f"samples  loss {loss:.4f}  {rate:4.0f}/s  {left / 60:5.1f} min left",
            flush=True,
        )
