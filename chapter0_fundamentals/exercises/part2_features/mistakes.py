"""The wrong answers of day 2's third lesson, each explained in a sentence."""

import copy
import math

import torch
import torch.nn.functional as F
from part2_cnns.solutions import Linear, Sequential, fit
from part2_resnets.solutions import SmallResNet
from torch import nn

from coach import mistake
from part2_features import solutions

# Hooks


@mistake(
    "add_hook",
    zh="只挂在最外层：里面的模块也要。",
    en="It hangs on the outermost module only: those inside need it too.",
)
def outermost_only(model, hook):
    return [model.register_forward_hook(hook)]


@mistake(
    "add_hook",
    zh="钩子只挂到了下一层，像 `children()` 那样：用 `modules()`。",
    en="It goes down one level only, as `children()` does: use `modules()`.",
)
def children_only(model, hook):
    return [module.register_forward_hook(hook) for module in (model, *model.children())]


@mistake("add_hook", zh="忘了模型自己。", en="The model itself is left out.")
def without_itself(model, hook):
    return [module.register_forward_hook(hook) for module in model.modules() if module is not model]


@mistake("add_hook", zh="句柄没有返回：钩子就取不下来了。", en="No handles come back: the hooks can't be taken off.")
def no_handles(model, hook):
    for module in model.modules():
        module.register_forward_hook(hook)


@mistake(
    "add_hook",
    zh="钩子在前向之前就叫了，那时还没有输出：用 `register_forward_hook`。",
    en="The hook is called before the forward, when there is no output yet: use `register_forward_hook`.",
)
def before_the_forward(model, hook):
    return [m.register_forward_pre_hook(lambda m, inputs: hook(m, inputs, inputs[0])) for m in model.modules()]


@mistake(
    "add_hook",
    zh="只挂在最里层：有子模块的模块也要。",
    en="It hangs on the innermost modules only: those that hold others need it too.",
)
def leaves_only(model, hook):
    return [m.register_forward_hook(hook) for m in model.modules() if not list(m.children())]


@mistake(
    "add_hook",
    zh="只返回了一个句柄：每个钩子都要有自己的。",
    en="One handle comes back only: each hook needs its own.",
)
def last_handle(model, hook):
    return [module.register_forward_hook(hook) for module in model.modules()][-1:]


@mistake(
    "add_hook",
    zh="钩子的返回值丢了：挂上 `hook` 本身，或者把它的结果 `return` 出去。",
    en="What the hook returns is lost: hang up `hook` itself, or `return` its result.",
)
def drops_what_it_returns(model, hook):
    def call(*given):
        hook(*given)

    return [module.register_forward_hook(call) for module in model.modules()]


@mistake(
    "add_hook",
    zh="重复出现的模块挂了两次：每个只挂一次。",
    en="A module that appears twice got the hook twice: once each.",
)
def twice_where_it_appears_twice(model, hook):
    inner = [handle for child in model._modules.values() for handle in twice_where_it_appears_twice(child, hook)]
    return [*inner, model.register_forward_hook(hook)]


@mistake(
    "add_hook",
    zh="返回的是字典：要句柄的列表。",
    en="It returns a dictionary: a list of the handles is wanted.",
)
def a_dictionary(model, hook):
    return {name: module.register_forward_hook(hook) for name, module in model.named_modules()}


@mistake(
    "add_hook",
    zh="每个模块都挂了两次：`modules()` 已经给出了所有的模块，不必再往下走。",
    en="Modules got the hook several times: `modules()` yields all of them already, so don't go down as well.",
)
def down_and_down(model, hook):
    handles = [module.register_forward_hook(hook) for module in model.modules()]
    for child in model.children():
        handles += down_and_down(child, hook)
    return handles


@mistake(
    "add_hook",
    zh="在两处出现的模块挂了两次：每个只挂一次，用 `modules()`。",
    en="A module that stands in two places got the hook twice: once each, by `modules()`.",
)
def twice_in_two_places(model, hook):
    inner = [handle for child in model.children() for handle in twice_in_two_places(child, hook)]
    return [*inner, model.register_forward_hook(hook)]


@mistake(
    "add_hook",
    zh="别人的钩子被清掉了：只加上自己的。",
    en="Other people's hooks were cleared: only add your own.",
)
def clears_first(model, hook):
    for module in model.modules():
        module._forward_hooks.clear()
    return [module.register_forward_hook(hook) for module in model.modules()]


@mistake("remove_hooks", zh="只取下了第一个。", en="Only the first comes off.")
def first_only(handles):
    if handles:
        handles[0].remove()


@mistake(
    "remove_hooks",
    zh="一个钩子也没有取下：对每个句柄调用 `remove()`，清空列表不算。",
    en="No hook comes off: call `remove()` on each handle; to empty the list isn't enough.",
)
def clears_the_list(handles):
    del handles[:]


@mistake(
    "remove_hooks",
    zh="别人的钩子也取下了：只取下这些句柄的。",
    en="Other people's hooks came off too: take off those of these handles only.",
)
def everybodys(handles):
    for handle in handles:
        hooks = handle.hooks_dict_ref()
        if hooks is not None:
            hooks.clear()


@mistake(
    "remove_hooks",
    zh="只取下了第一个，没有句柄时还报了错。",
    en="Only the first comes off, and without handles it fails.",
)
def first_of_any(handles):
    handles[0].remove()


@mistake(
    "remove_hooks",
    zh="只取下了最后一个，没有句柄时还报了错。",
    en="Only the last comes off, and without handles it fails.",
)
def last_of_any(handles):
    handles[-1].remove()


@mistake("remove_hooks", zh="最后一个没有取下。", en="The last doesn't come off.")
def all_but_the_last(handles):
    for handle in handles[:-1]:
        handle.remove()


@mistake("remove_hooks", zh="第一个没有取下。", en="The first doesn't come off.")
def all_but_the_first(handles):
    for handle in handles[1:]:
        handle.remove()


@mistake(
    "remove_hooks",
    zh="一个钩子也没有取下：对每个句柄调用 `remove()`。",
    en="No hook comes off: call `remove()` on each handle.",
)
def nothing_at_all(handles):
    for _ in handles:
        pass


@mistake(
    "remove_hooks",
    zh="只取下了最后一个。",
    en="Only the last comes off.",
)
def last_only(handles):
    for handle in handles[-1:]:
        handle.remove()


@mistake(
    "remove_hooks",
    zh="每隔一个就漏掉一个，像是一边遍历列表一边从里面删：遍历时不要改动它。",
    en="Every second one stays, as where the list is changed while one walks through it: leave it alone meanwhile.",
)
def every_second(handles):
    for handle in handles:
        handle.remove()
        handles.remove(handle)


@mistake(
    "remove_hooks",
    zh="已经取下的句柄报了错：再取一次也不该有事。",
    en="A handle that is off already raises an error: to remove it again should do no harm.",
)
def fails_on_a_removed_one(handles):
    for handle in handles:
        del handle.hooks_dict_ref()[handle.id]


@mistake(
    "remove_hooks",
    zh="空列表时报了错：没有句柄就什么也不做。",
    en="An empty list raises an error: without handles there is nothing to do.",
)
def fails_without_handles(handles):
    handles[0].remove()
    solutions.remove_hooks(handles)


@mistake(
    "hook_check_for_nan_output",
    zh="它从不报错：用 `isnan` 查（`== math.nan` 永远是假），再 `raise ValueError`。",
    en="It never raises: look with `isnan` (`== math.nan` is always false), then `raise ValueError`.",
)
def says_nothing(module, inputs, output):
    return None


def tensors_of(output):
    """All tensors in nested tuples."""
    parts = [output]
    for part in parts:
        parts += part if isinstance(part, tuple | list) else []
    return [part for part in parts if torch.is_tensor(part)]


@mistake(
    "hook_check_for_nan_output",
    zh="无穷不是 NaN：只有无穷的输出要放过，用 `isnan` 查。",
    en="Infinity is no NaN: an output with ∞ must pass; look with `isnan`.",
)
def infinity_too(module, inputs, output):
    if not all(value.isfinite().all() for value in tensors_of(output)):
        raise ValueError(f"{type(module).__name__} returned NaN")


@mistake(
    "hook_check_for_nan_output",
    zh="无穷不是 NaN：只有无穷的输出要放过，用 `isnan` 查；元组里面还没有看。",
    en="Infinity is no NaN: an output with ∞ must pass; look with `isnan`; and look into tuples.",
)
def infinity_in_tensors(module, inputs, output):
    if not output.isfinite().all():
        raise ValueError(f"{type(module).__name__} returned NaN")


@mistake(
    "hook_check_for_nan_output",
    zh="它从不报错：NaN 不等于任何数，也不等于 NaN，要用 `isnan`；元组里面也没有看。",
    en="It never finds NaN, which equals nothing, not even NaN: use `isnan`; and look into tuples.",
)
def equals_nan(module, inputs, output):
    if (output == math.nan).any():
        raise ValueError(f"{type(module).__name__} returned NaN")


@mistake(
    "hook_check_for_nan_output",
    zh="元组被放过了：里面的每一个张量都要看。",
    en="Tuples are let pass: look at every tensor in them.",
)
def passes_over_tuples(module, inputs, output):
    if torch.is_tensor(output) and output.isnan().any():
        raise ValueError(f"{type(module).__name__} returned NaN")


@mistake(
    "hook_check_for_nan_output",
    zh="报的不是 `ValueError`。",
    en="It raises something else than `ValueError`.",
)
def by_runtime_error(module, inputs, output):
    try:
        solutions.hook_check_for_nan_output(module, inputs, output)
    except ValueError as error:
        raise RuntimeError(str(error)) from None


@mistake(
    "hook_check_for_nan_output",
    zh="模块没有输入时它自己出了错：`inputs` 可以是空的。",
    en="It fails where a module has no inputs: `inputs` may be empty.",
)
def wants_an_input(module, inputs, output):
    try:
        solutions.hook_check_for_nan_output(module, inputs, output)
    except ValueError as error:
        raise ValueError(f"{error}: it was given {inputs[0]}") from None


@mistake(
    "hook_check_for_nan_output",
    zh="只看了元组的最后一个：每一个都要看。",
    en="It looks at the last of a tuple only: look at each.",
)
def last_of_the_tuple(module, inputs, output):
    solutions.hook_check_for_nan_output(module, inputs, output[-1] if isinstance(output, tuple) else output)


@mistake(
    "hook_check_for_nan_output",
    zh="检查的是输入：要检查的是输出。",
    en="It looks at the inputs: look at the output.",
)
def looks_at_inputs(module, inputs, output):
    if inputs[0].isnan().any():
        raise ValueError(f"{type(module).__name__} was given NaN")
    solutions.hook_check_for_nan_output(module, inputs, output)


@mistake(
    "hook_check_for_nan_output",
    zh="全是 NaN 时才报错：有一个就够了，用 `any`。",
    en="It raises only where nothing but NaN came out: one is enough, use `any`.",
)
def all_of_them(module, inputs, output):
    outputs = output if isinstance(output, tuple) else (output,)
    if all(value.isnan().all() for value in outputs):
        raise ValueError(f"{type(module).__name__} returned NaN")


@mistake(
    "hook_check_for_nan_output", zh="有的模块返回元组：逐个检查。", en="Some modules return tuples: check each tensor."
)
def no_tuples(module, inputs, output):
    if output.isnan().any():
        raise ValueError(f"{type(module).__name__} returned NaN")


@mistake("hook_check_for_nan_output", zh="错误里没有说是哪个模块。", en="The error doesn't say which module it was.")
def names_nobody(module, inputs, output):
    try:
        solutions.hook_check_for_nan_output(module, inputs, output)
    except ValueError:
        raise ValueError("there is NaN") from None


@mistake(
    "hook_check_for_nan_output",
    zh="报的不是 `ValueError`。",
    en="It raises something else than `ValueError`.",
)
def by_assert(module, inputs, output):
    try:
        solutions.hook_check_for_nan_output(module, inputs, output)
    except ValueError as error:
        raise AssertionError(str(error)) from None


@mistake(
    "hook_check_for_nan_output",
    zh="只看了元组的第一个张量：每一个都要看。",
    en="It looks at the first tensor of a tuple only: look at each.",
)
def first_of_the_tuple(module, inputs, output):
    solutions.hook_check_for_nan_output(module, inputs, output[0] if isinstance(output, tuple) else output)


@mistake(
    "hook_check_for_nan_output",
    zh="元组里还有元组，例如 `nn.LSTM` 的 `(h, c)`：里面的张量也要看。",
    en="There are tuples in tuples, as the `(h, c)` of an `nn.LSTM`: look at the tensors there, too.",
)
def one_level(module, inputs, output):
    for value in output if isinstance(output, tuple) else (output,):
        if torch.is_tensor(value):
            solutions.hook_check_for_nan_output(module, inputs, value)


@mistake(
    "hook_check_for_nan_output",
    zh="只看了两层元组：不论藏得多深都要看。",
    en="It goes down two levels of tuples only: look however deep they are.",
)
def two_levels(module, inputs, output):
    for value in output if isinstance(output, tuple) else (output,):
        one_level(module, inputs, value)


@mistake(
    "hook_check_for_nan_output",
    zh="元组里的 `None` 让它自己出了错：不是张量的就跳过。",
    en="A `None` in a tuple makes it fail: pass over what is no tensor.",
)
def fails_at_none(module, inputs, output):
    for value in output if isinstance(output, tuple) else (output,):
        if isinstance(value, tuple):
            fails_at_none(module, inputs, value)
        elif value.isnan().any():
            raise ValueError(f"{type(module).__name__} returned NaN")


@mistake(
    "hook_check_for_nan_output",
    zh="既有 ∞ 又有 −∞ 而没有 NaN 的输出也报了错（两者之和是 NaN）：对每个元素用 `isnan`。",
    en="It raises where an output has both ∞ and −∞ but no NaN (their sum is NaN): use `isnan` on the elements.",
)
def of_the_sum(module, inputs, output):
    if any(value.sum().isnan() for value in tensors_of(output)):
        raise ValueError(f"{type(module).__name__} returned NaN")


@mistake(
    "hook_check_for_nan_output",
    zh="输入里有 NaN 的模块被放过了：只看输出。",
    en="It lets a module pass whose input has NaN: only the output counts.",
)
def excused_by_the_input(module, inputs, output):
    if not any(value.isnan().any() for value in inputs if torch.is_tensor(value)):
        solutions.hook_check_for_nan_output(module, inputs, output)


# Feature extraction


@mistake(
    "get_resnet_for_feature_extraction",
    zh="新的头总是 float32：它的 dtype 要与旧的头相同。",
    en="The new head is always float32: give it the dtype of the old head.",
)
def head_in_float32(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    model.head.float()
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="主干没有冻结：`requires_grad_(False)`。",
    en="The body isn't frozen: `requires_grad_(False)`.",
)
def not_frozen(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    return model.requires_grad_(True)


@mistake(
    "get_resnet_for_feature_extraction",
    zh="连新的头也冻结了：先冻，再换头。",
    en="The new head is frozen too: freeze first, then change the head.",
)
def all_frozen(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    return model.requires_grad_(False)


@mistake(
    "get_resnet_for_feature_extraction",
    zh="原来的网络被改动了：先 `copy.deepcopy`。",
    en="The original was changed: `copy.deepcopy` it first.",
)
def changes_the_original(n_classes, pretrained=None):
    model = pretrained if pretrained is not None else SmallResNet()
    model.requires_grad_(False)
    model.head = Linear(model.head.weight.shape[1], n_classes)
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="头没有换：它还在说旧的类别。",
    en="The head wasn't changed: it still speaks of the old classes.",
)
def old_head(n_classes, pretrained=None):
    model = copy.deepcopy(pretrained) if pretrained is not None else SmallResNet()
    model.body.requires_grad_(False)
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="主干的权重丢了：要的是学过的那个，不是新的。",
    en="The body's weights are lost: keep the trained one, don't make it anew.",
)
def fresh_body(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    with torch.no_grad():
        for p in model.body.parameters():
            p.normal_()
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="原来的网络跟着变了，像 `copy.copy` 那样只拷贝了最外层：用 `copy.deepcopy`。",
    en="The original changes as well, as after `copy.copy`, which copies the outermost layer only: use `copy.deepcopy`.",
)
def shallow_copy(n_classes, pretrained=None):
    model = copy.copy(pretrained) if pretrained is not None else SmallResNet()
    model.body.requires_grad_(False)
    model.head = Linear(model.head.weight.shape[1], n_classes)
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="原来的网络换到了 eval 模式：不许动它。",
    en="The original is in eval mode now: leave it alone.",
)
def original_in_eval(n_classes, pretrained=None):
    if pretrained is not None:
        pretrained.eval()
    return solutions.get_resnet_for_feature_extraction(n_classes, pretrained)


@mistake(
    "get_resnet_for_feature_extraction",
    zh="批归一化的运行统计量丢了：缓冲区也要拷贝。",
    en="The running statistics of the batch norms are lost: copy the buffers, too.",
)
def without_buffers(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    for module in model.modules():
        if hasattr(module, "running_mean"):
            module.running_mean.zero_()  # type: ignore
            module.running_var.fill_(1)  # type: ignore
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="类别一样多时头没有换：总要新的。",
    en="With as many classes as before the head wasn't changed: it should always be new.",
)
def keeps_a_head_that_fits(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    if pretrained is not None and pretrained.head.weight.shape[0] == n_classes:
        model.head = copy.deepcopy(pretrained.head)
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="头的输入写死了 64：旧的头会告诉你有多大，`head.weight.shape[1]`。",
    en="The head always takes 64 features: the old head tells you how many there are, `head.weight.shape[1]`.",
)
def head_of_64(n_classes, pretrained=None):
    model = copy.deepcopy(pretrained) if pretrained is not None else SmallResNet()
    model.requires_grad_(False)
    model.head = Linear(64, n_classes)
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="`pretrained` 没有用上：主干是一个新的，大小也与它不同。",
    en="`pretrained` isn't used: the body is a fresh one, and of another size.",
)
def pretrained_ignored(n_classes, pretrained=None):
    return solutions.get_resnet_for_feature_extraction(n_classes)


@mistake(
    "get_resnet_for_feature_extraction",
    zh="没有 `pretrained` 时报了错：这时从一个新的 `SmallResNet()` 开始。",
    en="Without `pretrained` it fails: begin with a fresh `SmallResNet()` then.",
)
def fails_without_pretrained(n_classes, pretrained=None):
    return solutions.get_resnet_for_feature_extraction(n_classes, copy.deepcopy(pretrained).requires_grad_(True))  # type: ignore


@mistake(
    "get_resnet_for_feature_extraction",
    zh="头的输出个数不对：造一个新的，有 `n_classes` 个输出。",
    en="The head has another number of outputs: make a new one with `n_classes`.",
)
def head_of_ten(n_classes, pretrained=None):
    model = copy.deepcopy(pretrained) if pretrained is not None else SmallResNet()
    model.requires_grad_(False)
    model.head = Linear(model.head.weight.shape[1], 10)
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="返回的网络与原来的共用主干：改动一个，另一个也变了。",
    en="The network that comes back shares its body with the original: changing one changes the other.",
)
def shares_the_body(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    if pretrained is not None:
        for p, q in zip(model.body.parameters(), pretrained.body.parameters(), strict=True):
            p.data = q.data
        for p, q in zip(model.body.buffers(), pretrained.body.buffers(), strict=True):
            p.data = q.data
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="只冻结了第一层：主干的参数都要冻结。",
    en="Only the first layer is frozen: freeze all parameters of the body.",
)
def first_layer_frozen(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    model.body.requires_grad_(True)
    model.body[0].requires_grad_(False)
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="新的头从 0 出发：`Linear` 自己随机抽的权重不要改。",
    en="The new head begins at 0: leave the weights that `Linear` draws at random.",
)
def head_begins_at_zero(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    with torch.no_grad():
        for p in model.head.parameters():
            p.zero_()
    return model


@mistake(
    "get_resnet_for_feature_extraction",
    zh="没有 `pretrained` 时，新网络的主干没有冻结。",
    en="Without `pretrained` the fresh network's body isn't frozen.",
)
def fresh_not_frozen(n_classes, pretrained=None):
    model = solutions.get_resnet_for_feature_extraction(n_classes, pretrained)
    return model.requires_grad_(True) if pretrained is None else model


@mistake(
    "train_head",
    zh="在 train 模式里跑了主干：运行统计量变了。",
    en="The body ran in train mode: its running statistics moved.",
)
def body_in_train(model, data, epochs, lr):
    images, labels = data[:]
    model.train()
    with torch.no_grad():
        features = model.body(images)
    return fit(model.head, [(features, labels)], torch.optim.Adam(model.head.parameters(), lr=lr), epochs)


@mistake(
    "train_head",
    zh="主干解冻了，也跟着训练：它应当一动不动。",
    en="The body was thawed and trained as well: it should stay as it is.",
)
def thaws_the_body(model, data, epochs, lr):
    return steps_of(model.requires_grad_(True), data, torch.optim.Adam(model.parameters(), lr=lr), epochs)


def steps_of(model, data, optimizer, epochs, *, zero=True, after=False, reduction="mean"):
    """Training of the whole model in eval mode, with a choice of faults."""
    (images, labels), losses = data[:], []
    model.eval()
    for _ in range(epochs):
        loss = F.cross_entropy(model(images), labels, reduction=reduction)
        if zero:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(F.cross_entropy(model(images), labels).item() if after else loss.item())
    return losses


@mistake(
    "train_head",
    zh="梯度没有清零，一步步累积起来：每一步之前 `zero_grad()`。",
    en="The gradients aren't cleared and pile up: `zero_grad()` before each step.",
)
def gradients_pile_up(model, data, epochs, lr):
    return steps_of(model, data, torch.optim.Adam(model.head.parameters(), lr=lr), epochs, zero=False)


@mistake(
    "train_head",
    zh="第一步之前没有清空梯度：头带来的 `.grad` 也走进了第一步；`zero_grad()` 要在每一步之前。",
    en="The gradients aren't cleared before the first step, so the `.grad` that the head brings goes into it: `zero_grad()` before each step.",
)
def clears_after_the_step(model, data, epochs, lr):
    losses, optimizer = [], torch.optim.Adam(model.head.parameters(), lr=lr)
    for _ in range(epochs):
        losses += steps_of(model, data, optimizer, 1, zero=False)
        optimizer.zero_grad()
    return losses


@mistake(
    "train_head",
    zh="损失是张量：要 Python 的浮点数，`loss.item()`。",
    en="The losses are tensors: Python floats are wanted, `loss.item()`.",
)
def losses_as_tensors(model, data, epochs, lr):
    return [torch.tensor(loss) for loss in solutions.train_head(model, data, epochs, lr)]


@mistake(
    "train_head",
    zh="损失是在每一步之后量的：要在之前。",
    en="The losses are measured after each step: measure before it.",
)
def losses_after_the_step(model, data, epochs, lr):
    return steps_of(model, data, torch.optim.Adam(model.head.parameters(), lr=lr), epochs, after=True)


@mistake(
    "train_head",
    zh="交叉熵是总和：要对所有图片取平均。",
    en="The cross-entropy is the sum: take the mean over the images.",
)
def sum_of_losses(model, data, epochs, lr):
    return steps_of(model, data, torch.optim.Adam(model.head.parameters(), lr=lr), epochs, reduction="sum")


def in_batches_of(size):
    def wrong(model, data, epochs, lr):
        images, labels = data[:]
        model.eval()
        with torch.no_grad():
            batches = list(zip(model.body(images).split(size), labels.split(size), strict=True))
        return fit(model.head, batches, torch.optim.Adam(model.head.parameters(), lr=lr), epochs)

    wrong.__name__ = f"in_batches_of_{size}"
    return wrong


for size in (16, 32, 64):
    mistake(
        "train_head",
        zh=f"数据被切成了每批 {size} 张的小批：整个数据集作一批。",
        en=f"The data is cut into batches of {size}: the whole data set is one batch.",
    )(in_batches_of(size))


@mistake(
    "train_head", zh="只返回了最后的损失：每一步一个。", en="It returns the last loss only: there is one for each step."
)
def last_loss_only(model, data, epochs, lr):
    return solutions.train_head(model, data, epochs, lr)[-1]


@mistake("train_head", zh="没有返回损失。", en="The losses don't come back.")
def no_losses(model, data, epochs, lr):
    solutions.train_head(model, data, epochs, lr)


@mistake(
    "train_head",
    zh="这里要用 Adam，不是 AdamW：后者还会让权重衰减。",
    en="Adam is wanted here, not AdamW, which makes weights decay as well.",
)
def head_by_adam_w(model, data, epochs, lr):
    return steps_of(model, data, torch.optim.AdamW(model.head.parameters(), lr=lr), epochs)


@mistake(
    "train_head",
    zh="头没有变，什么也没学：优化器要拿到 `model.head.parameters()`，每一步之后都要 `step`。",
    en="The head never changes, and nothing is learned: the optimiser gets `model.head.parameters()`, and takes a `step` each time.",
)
def head_never_changes(model, data, epochs, lr):
    return steps_of(model, data, torch.optim.SGD(model.head.parameters(), lr=0.0), epochs)


@mistake(
    "train_head",
    zh="多走了一步：走 `epochs` 步。",
    en="It takes a step too many: take `epochs`.",
)
def one_step_more(model, data, epochs, lr):
    return solutions.train_head(model, data, epochs + 1, lr)


@mistake("train_head", zh="`lr` 没有用上。", en="`lr` isn't used.")
def default_lr(model, data, epochs, lr):
    return solutions.train_head(model, data, epochs, 1e-3)


@mistake("train_head", zh="用的是 SGD：这里要用 Adam。", en="That is SGD: Adam is wanted here.")
def head_by_sgd(model, data, epochs, lr):
    images, labels = data[:]
    model.eval()
    with torch.no_grad():
        features = model.body(images)
    return fit(model.head, [(features, labels)], torch.optim.SGD(model.head.parameters(), lr=lr), epochs)


@mistake(
    "train_head",
    zh="每一步都造了新的优化器：Adam 忘了以前的梯度。",
    en="Each step makes a new optimiser: Adam forgets its earlier gradients.",
)
def optimiser_each_step(model, data, epochs, lr):
    return [solutions.train_head(model, data, 1, lr)[0] for _ in range(epochs)]


# Filters


def detector(theta, size, middle, sigma):
    line = torch.arange(size) - middle
    y, x = line[:, None], line[None, :]
    return scaled((x * math.cos(theta) + y * math.sin(theta)) * torch.exp(-(x**2 + y**2) / (2 * sigma**2)))


def bell(size):
    middle = torch.arange(size) - (size - 1) / 2
    y, x = middle[:, None], middle[None, :]
    return x, y, torch.exp(-(x**2 + y**2) / (2 * (size / 4) ** 2))


def scaled(filter):
    return (filter / filter.norm())[None]


@mistake("edge_detector", zh="没有缩放到长度 1。", en="It isn't scaled to length 1.")
def not_scaled(theta=0.0, size=7):
    x, y, weight = bell(size)
    return ((x * math.cos(theta) + y * math.sin(theta)) * weight)[None]


@mistake(
    "edge_detector", zh="$y$ 朝上了：图像的行是从上往下数的。", en="$y$ points up: an image counts its rows downwards."
)
def upside_down(theta=0.0, size=7):
    return solutions.edge_detector(-theta, size)


@mistake(
    "edge_detector",
    zh="$x$ 和 $y$ 颠倒了：列是 $x$，行是 $y$。",
    en="$x$ and $y$ have changed places: columns are $x$, rows are $y$.",
)
def transposed(theta=0.0, size=7):
    return solutions.edge_detector(theta, size).transpose(1, 2)


@mistake(
    "edge_detector",
    zh="边长是偶数时原点不在正中：减去 `(size - 1) / 2`，不是 `size // 2`。",
    en="For an even size 0 isn't in the middle: subtract `(size - 1) / 2`, not `size // 2`.",
)
def off_centre_if_even(theta=0.0, size=7):
    return detector(theta, size, size // 2, size / 4)


@mistake(
    "edge_detector",
    zh="边长是偶数时原点偏了：减去 `(size - 1) / 2`，不是 `(size - 1) // 2`。",
    en="For an even size 0 isn't in the middle: subtract `(size - 1) / 2`, not `(size - 1) // 2`.",
)
def off_centre_the_other_way(theta=0.0, size=7):
    return detector(theta, size, (size - 1) // 2, size / 4)


@mistake(
    "edge_detector",
    zh="原点偏了半个像素：减去 `(size - 1) / 2`，不是 `size / 2`。",
    en="0 is off by half a pixel: subtract `(size - 1) / 2`, not `size / 2`.",
)
def off_by_half(theta=0.0, size=7):
    return detector(theta, size, size / 2, size / 4)


@mistake(
    "edge_detector",
    zh="$\\sigma$ 被取整了：是 `size / 4`，不是 `size // 4`。",
    en="$\\sigma$ is rounded down: it is `size / 4`, not `size // 4`.",
)
def whole_sigma(theta=0.0, size=7):
    return detector(theta, size, (size - 1) / 2, max(1, size // 4))


@mistake(
    "edge_detector",
    zh="坐标从 −1 到 1：它们以像素为单位，从 `-(size - 1) / 2` 到 `(size - 1) / 2`。",
    en="The coordinates run from −1 to 1: they count pixels, from `-(size - 1) / 2` to `(size - 1) / 2`.",
)
def from_minus_one_to_one(theta=0.0, size=7):
    line = torch.linspace(-1, 1, size)
    y, x = line[:, None], line[None, :]
    bell = torch.exp(-(x**2 + y**2) / (2 * (size / 4) ** 2))
    return scaled((x * math.cos(theta) + y * math.sin(theta)) * bell)


@mistake("edge_detector", zh="结果是 float64：要 float32。", en="The result is float64: it should be float32.")
def in_float64(theta=0.0, size=7):
    return solutions.edge_detector(theta, size).double()


@mistake(
    "edge_detector",
    zh="指数里乘了 $\\sigma^2$：`/ 2 * sigma**2` 要加括号，`/ (2 * sigma**2)`。",
    en="The exponent is multiplied by $\\sigma^2$: `/ 2 * sigma**2` lacks brackets, `/ (2 * sigma**2)`.",
)
def times_sigma(theta=0.0, size=7):
    return detector(theta, size, (size - 1) / 2, 4 / size)


@mistake(
    "edge_detector",
    zh="$\\theta$ 只有余弦起了作用：漏了 $y\\sin\\theta$。",
    en="Only the cosine of $\\theta$ counts: $y\\sin\\theta$ is missing.",
)
def without_y(theta=0.0, size=7):
    x, _, weight = bell(size)
    return scaled(x * math.cos(theta) * weight)


@mistake(
    "edge_detector", zh="原点不在正中：减去 `(size - 1) / 2`。", en="0 isn't in the middle: subtract `(size - 1) / 2`."
)
def off_centre(theta=0.0, size=7):
    middle = torch.arange(size) - size // 2 - 0.5
    y, x = middle[:, None], middle[None, :]
    return scaled((x * math.cos(theta) + y * math.sin(theta)) * torch.exp(-(x**2 + y**2) / (2 * (size / 4) ** 2)))


@mistake(
    "edge_detector",
    zh="少了指数那一项：远处与近处一样重。",
    en="The exponential is missing: far pixels count as much as near ones.",
)
def without_the_bell(theta=0.0, size=7):
    x, y, _ = bell(size)
    return scaled(x * math.cos(theta) + y * math.sin(theta))


@mistake("edge_detector", zh="亮的一边与暗的一边颠倒了。", en="The bright and the dark side have changed places.")
def negative(theta=0.0, size=7):
    return -solutions.edge_detector(theta, size)


@mistake(
    "edge_detector",
    zh="$\\sigma$ 是边长的四分之一，不是一半。",
    en="$\\sigma$ is a quarter of the size, not half of it.",
)
def wider_bell(theta=0.0, size=7):
    x, y, weight = bell(size)
    return scaled((x * math.cos(theta) + y * math.sin(theta)) * weight**0.25)


@mistake(
    "edge_detector",
    zh="指数里少了分母的 2：是 $2\\sigma^2$。",
    en="The exponent lacks the 2 of its denominator, $2\\sigma^2$.",
)
def without_the_2(theta=0.0, size=7):
    x, y, weight = bell(size)
    return scaled((x * math.cos(theta) + y * math.sin(theta)) * weight**2)


@mistake(
    "edge_detector",
    zh="除以了最大的绝对值：要除以长度 $\\lVert w \\rVert$。",
    en="It is divided by the largest absolute value: divide by the length $\\lVert w \\rVert$.",
)
def largest_is_1(theta=0.0, size=7):
    filter = solutions.edge_detector(theta, size)
    return filter / filter.abs().max()


@mistake(
    "edge_detector",
    zh="除以了绝对值之和：长度是平方和的平方根。",
    en="It is divided by the sum of absolute values: the length is the root of the sum of squares.",
)
def sum_is_1(theta=0.0, size=7):
    filter = solutions.edge_detector(theta, size)
    return filter / filter.abs().sum()


@mistake(
    "edge_detector",
    zh="$\\theta$ 当成了角度：它是弧度。",
    en="$\\theta$ was taken for degrees: it is in radians.",
)
def in_degrees(theta=0.0, size=7):
    return solutions.edge_detector(math.radians(theta), size)


@mistake(
    "edge_detector",
    zh="最前面少了通道轴：形状是 `1 size size`。",
    en="The channel axis in front is missing: the shape is `1 size size`.",
)
def without_channel(theta=0.0, size=7):
    return solutions.edge_detector(theta, size)[0]


@mistake(
    "edge_likeness",
    zh="只比了一个方向：边缘可以朝任何方向。",
    en="It compares one direction only: an edge may run in any.",
)
def one_direction(filters):
    edge = solutions.edge_detector(0.0, filters.shape[-1]).flatten().to(filters)
    flat = filters.flatten(1)
    return (flat @ edge).abs() / flat.norm(dim=1).clamp(min=1e-12)


@mistake("edge_likeness", zh="没有除以滤波器自己的长度。", en="It isn't divided by the filter's own length.")
def not_divided(filters):
    return solutions.edge_likeness(filters) * filters.flatten(1).norm(dim=1)


@mistake(
    "edge_likeness",
    zh="投影的长度要平方和再开方，不是直接相加。",
    en="The length of the projection is the root of the sum of squares, not the sum of the lengths.",
)
def added_up(filters):
    size = filters.shape[-1]
    plane = torch.stack([solutions.edge_detector(a, size) for a in (0.0, math.pi / 2)]).flatten(1).to(filters)
    flat = filters.flatten(1)
    return (flat @ plane.T).abs().sum(dim=1) / flat.norm(dim=1).clamp(min=1e-12)


@mistake(
    "edge_likeness",
    zh="零滤波器除以了 0，得到 NaN：应为 0。",
    en="A zero filter is divided by 0, which makes NaN: it should be 0.",
)
def zero_by_zero(filters):
    size = filters.shape[-1]
    plane = torch.stack([solutions.edge_detector(a, size) for a in (0.0, math.pi / 2)]).flatten(1).to(filters)
    flat = filters.flatten(1)
    return (flat @ plane.T).norm(dim=1) / flat.norm(dim=1)


@mistake(
    "edge_likeness",
    zh="少了开方：投影的长度是平方和的平方根。",
    en="The root is missing: the length of the projection is the root of the sum of squares.",
)
def not_rooted(filters):
    return solutions.edge_likeness(filters) ** 2


@mistake(
    "edge_likeness",
    zh="只取了两个方向里较像的一个：斜的边缘在两个方向上都有一份。",
    en="It takes the better of two directions: a slanting edge has a share in both.",
)
def better_of_two(filters):
    size = filters.shape[-1]
    plane = torch.stack([solutions.edge_detector(a, size) for a in (0.0, math.pi / 2)]).flatten(1).to(filters)
    flat = filters.flatten(1)
    return (flat @ plane.T).abs().amax(dim=1) / flat.norm(dim=1).clamp(min=1e-12)


@mistake(
    "edge_likeness",
    zh="分母里加了一个小数：数值很小的滤波器就被低估了。",
    en="A small number was added to the denominator: filters of small numbers are underrated.",
)
def epsilon_added(filters):
    size = filters.shape[-1]
    plane = torch.stack([solutions.edge_detector(a, size) for a in (0.0, math.pi / 2)]).flatten(1).to(filters)
    flat = filters.flatten(1)
    return (flat @ plane.T).norm(dim=1) / (flat.norm(dim=1) + 1e-8)


def compared(filters):
    """The filters in a row each, and their dot products with two perpendicular detectors."""
    size = filters.shape[-1]
    plane = torch.stack([solutions.edge_detector(a, size) for a in (0.0, math.pi / 2)]).flatten(1).to(filters)
    return filters.flatten(1), filters.flatten(1) @ plane.T


def clamped_at(smallest):
    def wrong(filters):
        flat, dots = compared(filters)
        return dots.norm(dim=1) / flat.norm(dim=1).clamp(min=smallest)

    wrong.__name__ = f"clamped_at_1e{round(math.log10(smallest))}"
    return wrong


for smallest in (1e-5, 1e-6, 1e-7, 1e-8, 1e-9):
    mistake(
        "edge_likeness",
        zh="数值很小的滤波器被低估了：长度在某个小数处被截断（`cosine_similarity` 默认在 $10^{-8}$），只有恰好是 0 的长度才该换掉。",
        en="Filters of very small numbers are underrated: their length is clamped (by `cosine_similarity` at $10^{-8}$); replace it only where it is exactly 0.",
    )(clamped_at(smallest))


for small in (1e-6, 1e-7, 1e-9, 1e-10):

    def epsilon_of(filters, small=small):
        flat, dots = compared(filters)
        return dots.norm(dim=1) / (flat.norm(dim=1) + small)

    epsilon_of.__name__ = f"epsilon_1e{round(math.log10(small))}"
    mistake(
        "edge_likeness",
        zh="分母里加了一个小数：数值很小的滤波器就被低估了。",
        en="A small number was added to the denominator: filters of small numbers are underrated.",
    )(epsilon_of)


@mistake(
    "edge_likeness",
    zh="比的是自己与投影的夹角，投影的长度却在 $10^{-8}$ 处被截断：数值很小的滤波器就错了。",
    en="It is wrong for filters of very small numbers, as by `cosine_similarity` with the projection, which clamps lengths at $10^{-8}$.",
)
def cosine_with_the_projection(filters):
    size = filters.shape[-1]
    plane = torch.stack([solutions.edge_detector(a, size) for a in (0.0, math.pi / 2)]).flatten(1).to(filters)
    flat, dots = compared(filters)
    return F.cosine_similarity(flat, dots @ plane, dim=1)


def best_of(directions):
    def wrong(filters):
        flat, size = filters.flatten(1), filters.shape[-1]
        angles = [2 * math.pi * k / directions for k in range(directions)]
        edges = torch.stack([solutions.edge_detector(a, size) for a in angles]).flatten(1).to(filters)
        length = flat.norm(dim=1)
        return (flat @ edges.T).amax(dim=1) / length.where(length > 0, 1)

    wrong.__name__ = f"best_of_{directions}"
    return wrong


for directions in (8, 16, 32):
    mistake(
        "edge_likeness",
        zh=f"它只与 {directions} 个方向的检测器比：投影到平面上，所有方向就都在内了。",
        en=f"It compares with the detectors of {directions} directions only: the projection onto the plane covers all.",
    )(best_of(directions))


@mistake(
    "edge_likeness",
    zh="float64 的滤波器得到了 float32：结果的 dtype 与输入相同。",
    en="Filters in float64 give float32: the result has the dtype of the input.",
)
def always_float32(filters):
    return solutions.edge_likeness(filters.float())


@mistake(
    "edge_likeness",
    zh="内积平方之后相加了，没有开方，再除以长度：先开方，再除。",
    en="The squared dot products are added without the root, then divided by the length: take the root first.",
)
def root_forgotten(filters):
    flat, dots = compared(filters)
    length = flat.norm(dim=1)
    return dots.square().sum(dim=1) / length.where(length > 0, 1)


@mistake(
    "edge_likeness",
    zh="两个方向取了平均：投影的长度是平方和再开方。",
    en="It takes the mean of two directions: the length of the projection is the root of the sum of squares.",
)
def mean_of_two(filters):
    flat, dots = compared(filters)
    length = flat.norm(dim=1)
    return dots.abs().mean(dim=1) / length.where(length > 0, 1)


@mistake(
    "edge_likeness",
    zh="除以的是所有滤波器合在一起的长度：每个除以自己的。",
    en="It is divided by the length of all filters together: divide each by its own.",
)
def common_length(filters):
    size = filters.shape[-1]
    plane = torch.stack([solutions.edge_detector(a, size) for a in (0.0, math.pi / 2)]).flatten(1).to(filters)
    flat = filters.flatten(1)
    return (flat @ plane.T).norm(dim=1) / flat.norm().clamp(min=1e-12)


@mistake(
    "edge_likeness",
    zh="只与一个方向的检测器比，还带着正负号：边缘可以朝任何方向，反过来也是边缘。",
    en="It compares with the detector of one direction only, and has a sign: an edge may run in any direction, and reversed it is an edge too.",
)
def signed(filters):
    edge = solutions.edge_detector(0.0, filters.shape[-1]).flatten().to(filters)
    flat = filters.flatten(1)
    return flat @ edge / flat.norm(dim=1).clamp(min=1e-12)


@mistake(
    "edge_likeness",
    zh="边长不是 7 的滤波器出了错：检测器要与滤波器一样大。",
    en="It fails for filters whose size isn't 7: the detectors should be as large as the filters.",
)
def size_7(filters):
    plane = torch.stack([solutions.edge_detector(a) for a in (0.0, math.pi / 2)]).flatten(1).to(filters)
    flat = filters.flatten(1)
    return (flat @ plane.T).norm(dim=1) / flat.norm(dim=1).clamp(min=1e-12)


def climbed(activation, start, steps, lr, penalty=0.0, *, sign=1.0, clamp=True, unit=False, square=True):
    """Gradient ascent with a choice of faults."""
    image = start.clone()
    for _ in range(steps):
        image.requires_grad_()
        size = image.square().sum() if square else image.sum()
        (gradient,) = torch.autograd.grad(sign * activation(image).sum() - penalty * size, image)
        gradient = gradient / gradient.norm().clamp(min=1e-12) if unit else gradient
        image = image.detach() + lr * gradient
        image = image.clamp(0, 1) if clamp else image
    return image


@mistake(
    "maximise_activation", zh="方向反了：这是下降，要上升。", en="That is the wrong way: it descends, and should climb."
)
def descends(*args):
    return climbed(*args, sign=-1.0)


@mistake("maximise_activation", zh="像素没有截断到 0 与 1 之间。", en="The pixels aren't clamped to 0 to 1.")
def not_clamped(*args):
    return climbed(*args, clamp=False)


@mistake("maximise_activation", zh="`penalty` 没有用上。", en="`penalty` isn't used.")
def no_penalty(activation, start, steps, lr, penalty=0.0):
    return climbed(activation, start, steps, lr)


@mistake(
    "maximise_activation",
    zh="惩罚的是像素之和：要像素的平方和。",
    en="It penalises the pixels' sum: take the sum of their squares.",
)
def penalises_the_sum(*args):
    return climbed(*args, square=False)


@mistake(
    "maximise_activation",
    zh="每一步的长度都一样，像是梯度被缩放到了长度 1：这里要走 `lr` 倍的梯度。",
    en="All steps have the same length, as if the gradient were scaled to length 1: go `lr` times the gradient itself.",
)
def unit_steps(*args):
    return climbed(*args, unit=True)


@mistake(
    "maximise_activation",
    zh="模型参数的 `.grad` 变了，`backward()` 就会这样：用 `torch.autograd.grad`。",
    en="The `.grad` of the model's parameters changed, as by `backward()`: use `torch.autograd.grad`.",
)
def by_backward(activation, start, steps, lr, penalty=0.0):
    image = start.clone()
    for _ in range(steps):
        image = image.detach().requires_grad_()
        (activation(image).sum() - penalty * image.square().sum()).backward()
        image = (image + lr * image.grad).clamp(0, 1)
    return image.detach()


@mistake(
    "maximise_activation",
    zh="只在最后截断了一次：每一步之后都要。",
    en="It clamps once at the end: clamp after each step.",
)
def clamped_at_the_end(*args):
    return climbed(*args, clamp=False).clamp(0, 1)


@mistake(
    "maximise_activation",
    zh="惩罚的是长度：要长度的平方。",
    en="It penalises the length: take its square.",
)
def penalises_the_length(activation, start, steps, lr, penalty=0.0):
    return climbed(lambda x: activation(x) - penalty * x.flatten(1).norm(dim=1), start, steps, lr)


@mistake(
    "maximise_activation",
    zh="罚项的符号反了：像素越大，目标越小。",
    en="The penalty has the wrong sign: large pixels should lessen the objective.",
)
def rewards_the_size(activation, start, steps, lr, penalty=0.0):
    return climbed(activation, start, steps, lr, -penalty)


@mistake(
    "maximise_activation",
    zh="对各张图取了平均，每张的步子就短了：各张图互不相干，要相加。",
    en="The mean over the images makes each step shorter: they have nothing to do with each other, so add up.",
)
def mean_of_the_images(activation, start, steps, lr, penalty=0.0):
    return climbed(lambda x: activation(x) / len(x), start, steps, lr, penalty)


@mistake(
    "maximise_activation",
    zh="对各张图取了平均，连罚项也一起，每张的步子就短了：各张图互不相干，要相加。",
    en="The mean over the images, penalty and all, makes each step shorter: they have nothing to do with each other, so add up.",
)
def mean_of_everything(activation, start, steps, lr, penalty=0.0):
    return climbed(activation, start, steps, lr / len(start), penalty)


@mistake(
    "maximise_activation",
    zh="惩罚的是像素平方的平均：要它们的和。",
    en="It penalises the mean of the squared pixels: take their sum.",
)
def penalises_the_mean(activation, start, steps, lr, penalty=0.0):
    return climbed(activation, start, steps, lr, penalty / start.numel())


@mistake(
    "maximise_activation",
    zh="惩罚的是每张图像素平方的平均：要它们的和。",
    en="It penalises the mean of each image's squared pixels: take their sum.",
)
def penalises_the_mean_of_each(activation, start, steps, lr, penalty=0.0):
    return climbed(activation, start, steps, lr, penalty / start[0].numel())


@mistake(
    "maximise_activation",
    zh="罚项的梯度少了因子 2：$\\lVert\\text{image}\\rVert^2$ 的梯度是图像的 2 倍。",
    en="The penalty's gradient lacks its factor 2: that of $\\lVert\\text{image}\\rVert^2$ is twice the image.",
)
def without_the_2_of_the_penalty(activation, start, steps, lr, penalty=0.0):
    return climbed(activation, start, steps, lr, penalty / 2)


@mistake(
    "maximise_activation",
    zh="图像的 `.grad` 没有清零，一步步累加，模型的也堆了起来：用 `torch.autograd.grad`。",
    en="The image's `.grad` isn't cleared and piles up, and so do the model's: use `torch.autograd.grad`.",
)
def gradients_pile_up_here(activation, start, steps, lr, penalty=0.0):
    image = start.clone().requires_grad_()
    for _ in range(steps):
        (activation(image).sum() - penalty * image.square().sum()).backward()
        with torch.no_grad():
            image += lr * image.grad
            image.clamp_(0, 1)
    return image.detach()


@mistake(
    "maximise_activation",
    zh="传入的 `start` 被改动了：先 `clone()`。",
    en="The `start` that is given changes: `clone()` it first.",
)
def changes_the_start(activation, start, steps, lr, penalty=0.0):
    start.requires_grad_()
    for _ in range(steps):
        (gradient,) = torch.autograd.grad(activation(start).sum() - penalty * start.square().sum(), start)
        with torch.no_grad():
            start += lr * gradient
            start.clamp_(0, 1)
    return start.detach()


@mistake(
    "maximise_activation",
    zh="走了一步就停了：走 `steps` 步。",
    en="It takes one step only: take `steps`.",
)
def one_step(activation, start, steps, lr, penalty=0.0):
    return climbed(activation, start, min(1, steps), lr, penalty)


@mistake(
    "maximise_activation",
    zh="负的像素截断了，大于 1 的没有：截断到 0 与 1 之间。",
    en="Pixels below 0 are clamped, those above 1 aren't: clamp to the range 0 to 1.",
)
def clamped_below(activation, start, steps, lr, penalty=0.0):
    image = start.clone()
    for _ in range(steps):
        image = climbed(activation, image, 1, lr, penalty, clamp=False).clamp(min=0)
    return image


@mistake(
    "maximise_activation",
    zh="结果总是 float32：它的 dtype 与 `start` 相同。",
    en="The result is always float32: it has the dtype of `start`.",
)
def float32_dreams(*args):
    return climbed(*args).float()


@mistake(
    "maximise_activation",
    zh="只看了梯度的符号：要走 `lr` 倍的梯度。",
    en="Only the gradient's sign is used: go `lr` times the gradient itself.",
)
def by_signs(activation, start, steps, lr, penalty=0.0):
    image = start.clone()
    for _ in range(steps):
        image.requires_grad_()
        objective = activation(image).sum() - penalty * image.square().sum()
        (gradient,) = torch.autograd.grad(objective, image)
        image = (image.detach() + lr * gradient.sign()).clamp(0, 1)
    return image


@mistake(
    "maximise_activation",
    zh="结果还连着计算图：`detach()`。",
    en="The result still hangs on a graph: `detach()`.",
)
def not_detached(*args):
    return climbed(*args).requires_grad_()


@mistake(
    "maximise_activation",
    zh="少走了一步。",
    en="It takes a step too few.",
)
def a_step_less(activation, start, steps, lr, penalty=0.0):
    return climbed(activation, start, max(0, steps - 1), lr, penalty)


@mistake(
    "ablate_channel",
    zh="关掉的不是通道，是这一批里的一张图：通道在第 1 轴。",
    en="That silences an image of the batch: channels are axis 1.",
)
def silences_an_image(model, layer, channel, images):
    return silenced(model, layer, images, lambda output: output.index_fill(0, torch.tensor(channel), 0))


def silenced(model, layer, images, change):
    handle = layer.register_forward_hook(lambda module, inputs, output: change(output))
    try:
        with torch.no_grad():
            return model(images)
    finally:
        handle.remove()


@mistake(
    "ablate_channel",
    zh="钩子留了下来：模型从此一直少一个通道。",
    en="The hook stays: from now on the model lacks a channel.",
)
def stays(model, layer, channel, images):
    layer.register_forward_hook(lambda module, inputs, output: output.index_fill(1, torch.tensor(channel), 0))
    with torch.no_grad():
        return model(images)


@mistake(
    "ablate_channel",
    zh="有的错误之后钩子留了下来：用 `try … finally`，不论是什么错误。",
    en="After some errors the hook stays: use `try … finally`, whatever the error.",
)
def stays_after_some_errors(model, layer, channel, images):
    change = lambda module, inputs, output: output.index_fill(1, torch.tensor(channel), 0)  # noqa: E731
    handle = layer.register_forward_hook(change)
    try:
        with torch.no_grad():
            result = model(images)
    except RuntimeError:
        handle.remove()
        raise
    handle.remove()
    return result


@mistake(
    "ablate_channel",
    zh="前向被中断时钩子留了下来：`except Exception` 接不住 `KeyboardInterrupt`，用 `try … finally`。",
    en="After an interrupt the hook stays: `except Exception` doesn't catch `KeyboardInterrupt`; use `try … finally`.",
)
def stays_after_an_interrupt(model, layer, channel, images):
    change = lambda module, inputs, output: output.index_fill(1, torch.tensor(channel), 0)  # noqa: E731
    handle = layer.register_forward_hook(change)
    try:
        with torch.no_grad():
            result = model(images)
    except Exception:
        handle.remove()
        raise
    handle.remove()
    return result


@mistake(
    "ablate_channel",
    zh="乘了 0：NaN 和无穷乘 0 都是 NaN，要直接换成 0。",
    en="That multiplies by 0: NaN and infinity times 0 are NaN, so put 0 there.",
)
def times_zero(model, layer, channel, images):
    def masked(output):
        mask = torch.ones_like(output)
        mask[:, channel] = 0
        return output * mask

    return silenced(model, layer, images, masked)


@mistake(
    "ablate_channel",
    zh="出错时钩子留了下来：用 `try … finally`。",
    en="After an error the hook stays: use `try … finally`.",
)
def stays_after_an_error(model, layer, channel, images):
    change = lambda module, inputs, output: output.index_fill(1, torch.tensor(channel), 0)  # noqa: E731
    handle = layer.register_forward_hook(change)
    with torch.no_grad():
        result = model(images)
    handle.remove()
    return result


@mistake(
    "ablate_channel",
    zh="关掉的是别的通道，只留下了这一个。",
    en="It silences the others, and leaves this channel alone.",
)
def the_others(model, layer, channel, images):
    def keep(output):
        mask = torch.zeros(output.shape[1]).to(output)
        mask[channel] = 1
        return output * mask[:, None, None]

    return silenced(model, layer, images, keep)


@mistake(
    "ablate_channel",
    zh="钩子就地改了输出：有的层原样返回输入，`images` 就跟着变了；先 `clone`。",
    en="The hook changes the output in place: where a layer returns its input itself, `images` changes; `clone` first.",
)
def output_in_place(model, layer, channel, images):
    return silenced(model, layer, images, lambda output: output.index_fill_(1, torch.tensor(channel), 0))


@mistake(
    "ablate_channel",
    zh="最后总是打开梯度，不管之前是不是关着：用 `with torch.no_grad()`，它会恢复原样。",
    en="In the end it turns gradients on, even if they were off before: `with torch.no_grad()` puts back what was.",
)
def gradients_on_in_the_end(model, layer, channel, images):
    try:
        return solutions.ablate_channel(model, layer, channel, images)
    finally:
        torch.set_grad_enabled(True)


@mistake(
    "ablate_channel", zh="钩子没有返回新的输出，什么也没变。", en="The hook returns no new output, and nothing changes."
)
def returns_nothing(model, layer, channel, images):
    return silenced(model, layer, images, lambda output: None)


@mistake(
    "ablate_channel",
    zh="别人的钩子也被清掉了：只取下自己的那一个。",
    en="Other people's hooks were cleared: take off yours alone.",
)
def clears_all_hooks(model, layer, channel, images):
    result = solutions.ablate_channel(model, layer, channel, images)
    layer._forward_hooks.clear()
    return result


@mistake(
    "ablate_channel",
    zh="有模块的模式变了：不要动 train 和 eval。",
    en="The mode of some module changed: leave train and eval alone.",
)
def mode_changed(model, layer, channel, images):
    model.eval()
    return solutions.ablate_channel(model, layer, channel, images)


@mistake(
    "ablate_channel",
    zh="结果还带着梯度：用 `torch.no_grad()`。",
    en="The result carries gradients: use `torch.no_grad()`.",
)
def with_gradients(model, layer, channel, images):
    return solutions.ablate_channel(model, layer, channel, images).requires_grad_()


@mistake(
    "ablate_channel",
    zh="关掉的是 `layer` 输入里的通道：要它输出里的。",
    en="It silences a channel of the input of `layer`: silence one of its output.",
)
def of_the_input(model, layer, channel, images):
    def silence(module, inputs):
        return inputs[0].index_fill(1, torch.tensor(channel % inputs[0].shape[1]), 0)

    handle = layer.register_forward_pre_hook(silence)
    try:
        with torch.no_grad():
            return model(images)
    finally:
        handle.remove()


@mistake(
    "ablate_channel",
    zh="权重被清零，模型从此变了：用钩子，不动参数。",
    en="Weights were zeroed, and the model is changed for good: use a hook and leave parameters alone.",
)
def zeroes_weights(model, layer, channel, images):
    result = solutions.ablate_channel(model, layer, channel, images)
    with torch.no_grad():
        next(layer.parameters())[channel] = 0
    return result


@mistake(
    "ablate_channel",
    zh="错误被吞掉了：取下钩子之后，要让它继续往外传。",
    en="The error is swallowed: take off the hook, then let it go on to the caller.",
)
def swallows_the_error(model, layer, channel, images):
    try:
        return solutions.ablate_channel(model, layer, channel, images)
    except Exception:
        return None


@mistake(
    "ablate_channel",
    zh="之后模型停在 train 模式：不要动 train 和 eval。",
    en="Afterwards the model is in train mode: leave train and eval alone.",
)
def trains_afterwards(model, layer, channel, images):
    model.eval()
    result = solutions.ablate_channel(model, layer, channel, images)
    model.train()
    return result


@mistake(
    "ablate_channel",
    zh="钩子挂在了整个模型上：挂在 `layer` 上。",
    en="The hook hangs on the whole model: hang it on `layer`.",
)
def on_the_model(model, layer, channel, images):
    return solutions.ablate_channel(model, model, channel, images)


@mistake(
    "ablate_channel",
    zh="关掉的是最后一轴上的一列：通道在第 1 轴，`output[:, channel]`。",
    en="That silences a column of the last axis: channels are axis 1, `output[:, channel]`.",
)
def silences_a_column(model, layer, channel, images):
    return silenced(model, layer, images, lambda output: output.index_fill(-1, torch.tensor(channel), 0))


@mistake(
    "ablate_channel",
    zh="权重被清零了，前向出错之后没有恢复：用钩子，不动参数。",
    en="Weights were zeroed, and after an error they aren't brought back: use a hook and leave parameters alone.",
)
def zeroes_and_restores(model, layer, channel, images):
    before = copy.deepcopy(layer.state_dict())
    with torch.no_grad():
        for p in layer.parameters():
            p[channel] = 0
        result = model(images)
    layer.load_state_dict(before)
    return result


@mistake(
    "ablate_channel",
    zh="换成的是这个通道的平均值：这里要换成 0。",
    en="It puts in the channel's mean: here it is 0.",
)
def by_the_mean(model, layer, channel, images):
    def change(output):
        output = output.clone()
        output[:, channel] = output[:, channel].mean()
        return output

    return silenced(model, layer, images, change)


# Spirals


def spun(n, turns, noise, generator, *, first=0.1, opposite=True, by_radius=True, two_pi=math.tau):
    """Two spirals with a choice of faults."""
    radius = torch.linspace(first, 1, n)
    angle = two_pi * turns * (radius if by_radius else torch.linspace(0, 1, n))
    arm = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=-1)
    points = torch.cat([arm, -arm if opposite else arm * torch.tensor([1.0, -1])])
    noise = noise * torch.randn(points.shape, generator=generator)
    return points + noise, torch.arange(2).repeat_interleave(n)


@mistake(
    "two_spirals",
    zh="半径从 0 开始：要从 0.1，两条才不会碰在一起。",
    en="The radius begins at 0: begin at 0.1, so that the arms don't touch.",
)
def from_zero(*args):
    return spun(*args, first=0.0)


@mistake(
    "two_spirals",
    zh="第二条是镜像：要的是反面，$-x$。",
    en="The second arm is a mirror image: take the opposite, $-x$.",
)
def mirrored(*args):
    return spun(*args, opposite=False)


@mistake("two_spirals", zh="角度里少了 $2\\pi$。", en="The angle lacks its $2\\pi$.")
def in_turns(*args):
    return spun(*args, two_pi=1.0)


@mistake(
    "two_spirals",
    zh="角度要与半径成正比：半径是 0.1 的那个点，角度不是 0。",
    en="The angle is proportional to the radius: at the radius 0.1 it isn't 0.",
)
def angle_from_zero(*args):
    return spun(*args, by_radius=False)


@mistake(
    "two_spirals",
    zh="随机数没有取自 `generator`：每次都不同。",
    en="The random numbers don't come from `generator`: they differ each time.",
)
def own_noise(n, turns, noise, generator):
    return spun(n, turns, noise, None)


@mistake(
    "two_spirals",
    zh="两条螺旋线用了同样的噪声：每个点各有各的。",
    en="Both arms have the same noise: each point has its own.",
)
def shared_noise(n, turns, noise, generator):
    clean, y = spun(n, turns, 0.0, generator)
    return clean + noise * torch.randn(n, 2, generator=generator).repeat(2, 1), y


@mistake(
    "two_spirals",
    zh="噪声是均匀分布的：要正态分布。",
    en="The noise is uniform: it should be normal.",
)
def uniform_noise(n, turns, noise, generator):
    clean, y = spun(n, turns, 0.0, generator)
    return clean + noise * 12**0.5 * (torch.rand(clean.shape, generator=generator) - 0.5), y


@mistake(
    "two_spirals",
    zh="第二条的噪声是第一条的反面：每个点各有各的噪声，先取反，再加噪声。",
    en="The second arm's noise is the opposite of the first's: each point has its own; take the opposite first, then add noise.",
)
def opposite_noise(n, turns, noise, generator):
    clean, y = spun(n, turns, 0.0, generator)
    arm = clean[:n] + noise * torch.randn(n, 2, generator=generator)
    return torch.cat([arm, -arm]), y


@mistake(
    "two_spirals",
    zh="一个点的两个坐标用了同样的噪声：每个坐标各有各的。",
    en="Both coordinates of a point have the same noise: each has its own.",
)
def one_noise_for_both(n, turns, noise, generator):
    clean, y = spun(n, turns, 0.0, generator)
    return clean + noise * torch.randn(2 * n, 1, generator=generator), y


@mistake(
    "two_spirals",
    zh="噪声都是正的（`torch.rand` 从 0 到 1）：要均值为 0 的正态噪声，`torch.randn`。",
    en="All of the noise is positive (`torch.rand` gives 0 to 1): normal noise of mean 0 is wanted, by `torch.randn`.",
)
def positive_noise(n, turns, noise, generator):
    clean, y = spun(n, turns, 0.0, generator)
    return clean + noise * torch.rand(clean.shape, generator=generator), y


@mistake(
    "two_spirals",
    zh="噪声在 $\\pm$`noise` 之间均匀分布：要正态分布，标准差是 `noise`。",
    en="The noise is uniform within $\\pm$`noise`: it should be normal, with a deviation of `noise`.",
)
def uniform_within_the_noise(n, turns, noise, generator):
    clean, y = spun(n, turns, 0.0, generator)
    return clean + noise * (2 * torch.rand(clean.shape, generator=generator) - 1), y


@mistake("two_spirals", zh="标签是浮点数：要 int64。", en="The labels are floats: they should be int64.")
def float_labels(n, turns, noise, generator):
    x, y = solutions.two_spirals(n, turns, noise, generator)
    return x, y.float()


@mistake(
    "two_spirals",
    zh="标签颠倒了：第一条是 0，第二条是 1。",
    en="The labels are the wrong way round: the first arm is 0, the second 1.",
)
def labels_swapped(n, turns, noise, generator):
    x, y = solutions.two_spirals(n, turns, noise, generator)
    return x, 1 - y


@mistake(
    "two_spirals",
    zh="半径没有到 1：`linspace(0.1, 1, n)` 两端都算在内，`arange` 不含终点。",
    en="The radius doesn't reach 1: `linspace(0.1, 1, n)` has both its ends, `arange` lacks the last.",
)
def short_of_1(n, turns, noise, generator):
    radius = 0.1 + 0.9 * torch.arange(n) / n
    angle = math.tau * turns * radius
    arm = torch.stack([radius * angle.cos(), radius * angle.sin()], dim=-1)
    points = torch.cat([arm, -arm])
    return points + noise * torch.randn(points.shape, generator=generator), torch.arange(2).repeat_interleave(n)


@mistake(
    "two_spirals",
    zh="角度只有一半：是 $2\\pi$ 乘圈数乘半径，不是 $\\pi$。",
    en="The angle is half of what it should be: $2\\pi$ times turns times radius, not $\\pi$.",
)
def half_the_angle(*args):
    return spun(*args, two_pi=math.pi)


@mistake(
    "two_spirals",
    zh="两次取出的噪声一样，像是生成器每次都重新播种：只从 `generator` 里往下取。",
    en="Two draws have the same noise, as if the generator were seeded again each time: just draw from it.",
)
def seeded_again(n, turns, noise, generator):
    return spun(n, turns, noise, torch.Generator().manual_seed(generator.initial_seed()))


@mistake(
    "two_spirals",
    zh="噪声乘以了半径：每个点的标准差都是 `noise`。",
    en="The noise is multiplied by the radius: its deviation is `noise` at each point.",
)
def noise_by_radius(n, turns, noise, generator):
    clean, y = spun(n, turns, 0.0, generator)
    return clean * (1 + noise * torch.randn(clean.shape, generator=generator)), y


@mistake(
    "two_spirals",
    zh="`noise` 当成了方差：它是标准差。",
    en="`noise` was taken for the variance: it is the standard deviation.",
)
def noise_as_variance(n, turns, noise, generator):
    return spun(n, turns, noise**0.5, generator)


@mistake(
    "two_spirals",
    zh="标签交替着排：先是 n 个 0，再是 n 个 1。",
    en="The labels alternate: n times 0 come first, then n times 1.",
)
def labels_alternate(n, turns, noise, generator):
    x, _ = solutions.two_spirals(n, turns, noise, generator)
    return x, torch.arange(2).repeat(n)


@mistake(
    "two_spirals",
    zh="点交替着排：先是第一条的 n 个，再是第二条的 n 个。",
    en="The points alternate: the n of the first arm come first, then the n of the second.",
)
def points_alternate(n, turns, noise, generator):
    x, y = solutions.two_spirals(n, turns, noise, generator)
    return torch.stack([x[:n], x[n:]], dim=1).flatten(0, 1), y


@mistake(
    "two_spirals",
    zh="正弦和余弦颠倒了：$x$ 是余弦，$y$ 是正弦。",
    en="Sine and cosine have changed places: $x$ is the cosine, $y$ the sine.",
)
def sine_first(n, turns, noise, generator):
    x, y = solutions.two_spirals(n, turns, noise, generator)
    return x.flip(1), y


@mistake("SpiralMLP", zh="`fold` 的最后多了一个 tanh。", en="There is one tanh too many at the end of `fold`.")
class TanhAtTheEnd(solutions.SpiralMLP):
    def hidden(self, x):
        return x + self.fold(x).tanh()


@mistake(
    "SpiralMLP",
    zh="`x` 没有加回来：`hidden(x)` 是 `x + fold(x)`。",
    en="`x` isn't added back: `hidden(x)` is `x + fold(x)`.",
)
class NoSkip(solutions.SpiralMLP):
    def hidden(self, x):
        return self.fold(x)


@mistake("SpiralMLP", zh="`fold` 的最后一层没有从 0 出发。", en="The last layer of `fold` doesn't begin at 0.")
class NotZeroAtFirst(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        self.fold[-1] = Linear(width, 2)


@mistake(
    "SpiralMLP",
    zh="`fold` 最后一层的权重没有从 0 出发，只有偏置是。",
    en="The weight of the last layer of `fold` doesn't begin at 0, only its bias does.",
)
class WeightNotZero(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        self.fold[-1] = Linear(width, 2)
        nn.init.zeros_(self.fold[-1].bias)  # type: ignore


@mistake(
    "SpiralMLP",
    zh="`head` 也从 0 出发了：只有 `fold` 的最后一层。",
    en="The `head` begins at 0, too: only the last layer of `fold` should.",
)
class HeadZero(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        for p in self.head.parameters():
            nn.init.zeros_(p)


@mistake(
    "SpiralMLP",
    zh="`fold` 的各层都从 0 出发：只有它的最后一层。",
    en="All layers of `fold` begin at 0: only its last should.",
)
class FoldZero(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        for p in self.fold.parameters():
            nn.init.zeros_(p)


@mistake("SpiralMLP", zh="`width` 没有用上。", en="`width` isn't used.")
class FixedWidth(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(32)


@mistake("SpiralMLP", zh="`head` 之前多了一个 tanh。", en="There is a tanh too many before `head`.")
class TanhBeforeTheHead(solutions.SpiralMLP):
    def forward(self, x):
        return self.head(self.hidden(x).tanh())


@mistake(
    "SpiralMLP",
    zh="`fold` 最后一层的权重学不到东西：它没有梯度，例如 `requires_grad=False`。",
    en="The weight of the last layer of `fold` can't learn: it has no gradient, as with `requires_grad=False`.",
)
class LastLayerFrozen(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        self.fold[-1].weight.requires_grad_(False)


@mistake("SpiralMLP", zh="用的是 sigmoid：这里要 tanh。", en="That is a sigmoid: tanh is wanted.")
class BySigmoid(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        self.fold = nn.Sequential(*(nn.Sigmoid() if isinstance(f, nn.Tanh) else f for f in self.fold.children()))


@mistake(
    "SpiralMLP", zh="少了一层：中间有三个 `width`。", en="There is a layer too few: `width` stands there three times."
)
class OneLayerLess(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        self.fold = Sequential(*list(self.fold.children())[:4], self.fold[-1])


@mistake(
    "SpiralMLP", zh="tanh 都不见了：这样 `fold` 只是一个线性映射。", en="There is no tanh: `fold` is a mere linear map."
)
class NoTanh(solutions.SpiralMLP):
    def hidden(self, x):
        y = x
        for layer in list(self.fold.children())[::2]:
            y = layer(y)
        return x + y


@mistake(
    "SpiralMLP",
    zh="中间的那一层用了两次：三个 `width` 之间是两层，各有各的权重。",
    en="The middle layer is used twice: between three `width` there are two layers, each with its own weights.",
)
class SharedMiddle(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        first, tanh, middle, _, _, _, last = list(self.fold.children())
        self.fold = nn.Sequential(first, tanh, middle, tanh, middle, tanh, last)


@mistake(
    "SpiralMLP",
    zh="所有的层都从 0 出发：只有 `fold` 的最后一层。",
    en="All layers begin at 0: only the last one of `fold` should.",
)
class AllZero(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        for p in self.parameters():
            nn.init.zeros_(p)


@mistake(
    "SpiralMLP",
    zh="`fold` 最后一层的偏置没有从 0 出发。",
    en="The bias of the last layer of `fold` doesn't begin at 0.",
)
class BiasNotZero(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        self.fold[-1].bias = nn.Parameter(torch.linspace(0.1, 0.2, 2))


@mistake(
    "SpiralMLP",
    zh="用的是 ReLU：这里要 tanh。",
    en="That is ReLU: tanh is wanted.",
)
class ByReLU(solutions.SpiralMLP):
    def __init__(self, width=32):
        super().__init__(width)
        layers = [nn.ReLU() if isinstance(layer, nn.Tanh) else layer for layer in self.fold.children()]
        self.fold = nn.Sequential(*layers)


@mistake(
    "SpiralMLP",
    zh="`forward` 跳过了 `hidden`：`head` 的输入是 `hidden(x)`。",
    en="`forward` leaves out `hidden`: the input of `head` is `hidden(x)`.",
)
class HeadOfFold(solutions.SpiralMLP):
    def forward(self, x):
        return self.head(self.fold(x))


@mistake("unfold", zh="训练之前的那一张没有拍。", en="The picture before the training is missing.")
def without_the_first(model, x, y, steps, lr, every):
    frames, lines = solutions.unfold(model, x, y, steps, lr, every)
    return frames[1:], lines[1:]


@mistake(
    "unfold",
    zh="拍的是 logits：要隐藏层 `model.hidden(x)`。",
    en="Those are the logits: take the hidden layer, `model.hidden(x)`.",
)
def pictures_of_logits(model, x, y, steps, lr, every):
    frames, lines = solutions.unfold(model, x, y, steps, lr, every)
    return torch.stack([model(x).detach() for _ in frames]), lines


@mistake(
    "unfold",
    zh="每一张照片里都是最后的直线：要在每一张照片那一刻算出三个数。",
    en="Every picture has the last line: compute its three numbers at the moment of each picture.",
)
def not_copied(model, x, y, steps, lr, every):
    frames, lines = solutions.unfold(model, x, y, steps, lr, every)
    return frames, lines[-1].expand_as(lines)


@mistake("unfold", zh="直线的方向反了：logit 1 减去 logit 0。", en="The line's sign is wrong: logit 1 minus logit 0.")
def line_reversed(model, x, y, steps, lr, every):
    frames, lines = solutions.unfold(model, x, y, steps, lr, every)
    return frames, -lines


def unfolded(model, x, y, steps, lr, every, *, kind=torch.optim.Adam, anew="never", zero="before", line=None, **faults):
    """`unfold` with a choice of faults."""
    optimizer, frames, lines = kind(model.parameters(), lr=lr), [], []
    for step in range(steps + 1):
        if step % every == 0 and faults.get("first", 0) <= step < steps + faults.get("until", 1):
            with torch.no_grad():
                frames.append(model.hidden(x))
                weight, bias = model.head.weight, model.head.bias
                parts = line(weight, bias) if line else [weight[1] - weight[0], bias[1:] - bias[:1]]
                lines.append(torch.cat(parts))
            if anew == "picture":
                optimizer = kind(model.parameters(), lr=lr)
        if anew == "step":
            optimizer = kind(model.parameters(), lr=lr)
        if step < steps + faults.get("more", 0):
            if zero == "before":
                optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
            if zero == "after":
                optimizer.zero_grad()
    return torch.stack(frames), torch.stack(lines)


@mistake(
    "unfold",
    zh="每一步都造了新的优化器：Adam 忘了以前的梯度。",
    en="Each step makes a new optimiser: Adam forgets its earlier gradients.",
)
def optimiser_anew(*args):
    return unfolded(*args, anew="step")


@mistake(
    "unfold",
    zh="每一张照片之后都造了新的优化器：Adam 忘了以前的梯度，整个训练只造一次。",
    en="Each picture is followed by a new optimiser: Adam forgets its earlier gradients; make one for the whole training.",
)
def optimiser_for_each_picture(*args):
    return unfolded(*args, anew="picture")


@mistake(
    "unfold",
    zh="训练之前的那一张没有拍，因此只有它时就出了错。",
    en="The picture before the training is missing, so it fails where that would be the only one.",
)
def begins_with_a_step(*args):
    return unfolded(*args, first=1)


@mistake(
    "unfold",
    zh="最后一步之后的那一张没有拍。",
    en="The picture after the last step is missing.",
)
def before_each_step_only(*args):
    return unfolded(*args, until=0)


@mistake(
    "unfold",
    zh="梯度没有清零，一步步累积起来：每一步之前 `zero_grad()`。",
    en="The gradients aren't cleared and pile up: `zero_grad()` before each step.",
)
def gradients_pile_up_in_unfold(*args):
    return unfolded(*args, zero="never")


@mistake(
    "unfold",
    zh="第一步之前没有清空梯度：模型带来的 `.grad` 也走进了第一步；`zero_grad()` 要在每一步之前。",
    en="The gradients aren't cleared before the first step, so the `.grad` that the model brings goes into it: `zero_grad()` before each step.",
)
def clears_after_the_step_in_unfold(*args):
    return unfolded(*args, zero="after")


@mistake(
    "unfold",
    zh="多走了一步：最后一张照片之后不再训练。",
    en="It takes a step too many: after the last picture there is no more training.",
)
def one_step_too_many(*args):
    return unfolded(*args, more=1)


@mistake(
    "unfold",
    zh="直线的 $a$、$b$ 取自头的列：logit 是头的行，`weight[1] - weight[0]`。",
    en="The line takes the columns of the head: a logit is a row, `weight[1] - weight[0]`.",
)
def columns_of_the_head(*args):
    return unfolded(*args, line=lambda weight, bias: [weight[:, 1] - weight[:, 0], bias[1:] - bias[:1]])


@mistake(
    "unfold",
    zh="直线只有两个数：还要 $c$，偏置之差。",
    en="A line has two numbers only: $c$ is missing, the difference of the biases.",
)
def two_numbers(*args):
    return unfolded(*args, line=lambda weight, bias: [weight[1] - weight[0]])


@mistake(
    "unfold",
    zh="这是 logit 1 的直线：要 logit 1 减去 logit 0。",
    en="That is the line of logit 1: subtract logit 0.",
)
def of_logit_1(*args):
    return unfolded(*args, line=lambda weight, bias: [weight[1], bias[1:]])


@mistake(
    "unfold",
    zh="少走了几步：最后一张之后还要训练到 `steps`。",
    en="It stops too soon: after the last picture the training goes on to `steps`.",
)
def stops_at_the_picture(model, x, y, steps, lr, every):
    return solutions.unfold(model, x, y, steps // every * every, lr, every)


@mistake(
    "unfold",
    zh="只拍了训练之前和之后：每 `every` 步都要拍。",
    en="There are pictures only before and after the training: take one after every `every` steps.",
)
def first_and_last(model, x, y, steps, lr, every):
    return solutions.unfold(model, x, y, steps, lr, max(1, steps))


@mistake(
    "unfold",
    zh="每一步都拍了：只在每 `every` 步之后拍。",
    en="Each step has a picture: take one after every `every` steps only.",
)
def each_step(model, x, y, steps, lr, every):
    return solutions.unfold(model, x, y, steps, lr, 1)


@mistake(
    "unfold",
    zh="用的是 SGD：这里要 Adam。",
    en="That is SGD: Adam is wanted here.",
)
def by_sgd(*args):
    return unfolded(*args, kind=torch.optim.SGD)  # type: ignore


@mistake(
    "unfold",
    zh="照片还连着计算图：`detach()`，或用 `torch.no_grad()`。",
    en="The pictures still hang on a graph: `detach()`, or use `torch.no_grad()`.",
)
def with_graph(model, x, y, steps, lr, every):
    frames, lines = solutions.unfold(model, x, y, steps, lr, every)
    return frames.requires_grad_(), lines


@mistake(
    "unfold",
    zh="直线里少了偏置之差：它还是 0。",
    en="The line lacks the difference of the biases: it is still 0.",
)
def without_bias(model, x, y, steps, lr, every):
    frames, lines = solutions.unfold(model, x, y, steps, lr, every)
    return frames, lines * torch.tensor([1.0, 1, 0])


@mistake(
    "unfold",
    zh="最后多拍了一张：只在每 `every` 步之后拍。",
    en="There is one picture too many at the end: take one after every `every` steps only.",
)
def one_more_at_the_end(model, x, y, steps, lr, every):
    frames, lines = solutions.unfold(model, x, y, steps, lr, every)
    last = solutions.unfold(model, x, y, 0, lr, 1)
    return (torch.cat([frames, last[0]]), torch.cat([lines, last[1]])) if steps % every else (frames, lines)
