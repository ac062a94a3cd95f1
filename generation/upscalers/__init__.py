"""What draws a picture larger before it is refined: nets of the ESRGAN family, by way of spandrel,
and the upscaling pipelines of diffusers. Operators name them in models.toml (`core.upscalers`)."""
