"""The three GANs once more, in PyTorch: what `python -m tfhand.bench --compare` measures tfhand's trainings beside.

Written from the papers, with the sizes, losses and steps of tfhand's configurations, so that both do the same work;
`tests/benchmarks` gives both the same weights and compares what they compute. They train nothing that is shipped.
"""
