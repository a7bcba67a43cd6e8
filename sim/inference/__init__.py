"""What runs say about a policy: paired comparison, attribution to measures, sensitivity to uncertain numbers."""
