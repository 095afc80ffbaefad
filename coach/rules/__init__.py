"""What must hold of every lesson: one generator of findings for each rule. AUTHORS.md beside this file says why."""

# The lessons whose text is in the new form (AUTHORS.md, "How a section teaches"): for them the rules of teaching are
# errors, for the others warnings. A lesson's name is added by the change that rewrites it.
REWRITTEN: frozenset[str] = frozenset(
    {
        "part0_chance",
        "part0_debugging",
        "part0_drills",
        "part0_drills_data",
        "part0_einops",
        "part0_maths",
        "part0_tensors",
        "part0_tools",
        "part0_workshop",
        "part1_raytracing",
        "part1_rendering",
        "part2_cnns",
        "part2_features",
        "part2_resnets",
        "part2_strides",
        "part3_backprop",
        "part3_networks",
        "part4_distributed",
        "part4_experiments",
        "part4_optimization",
        "part5_gans",
        "part5_vaes",
        "part6_bridges",
    }
)
