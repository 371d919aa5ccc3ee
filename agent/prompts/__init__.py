"""What language models are told, one file for each thing they are asked."""
