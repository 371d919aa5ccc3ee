"""Returns made by commands, without anybody at a keyboard: the demo's stages, and months of trade."""
