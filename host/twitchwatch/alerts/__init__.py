"""Who is told what, when and how often: policy apart from transport."""
