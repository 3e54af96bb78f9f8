"""safetensors files: tensors with names, behind a header that is not trusted."""
