"""The canonical returns model: nouns, money, codes and lifecycle, without I/O."""
