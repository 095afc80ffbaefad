from coach import judged


@judged
def test_conv1d_matrix(conv1d_matrix):
    pass


@judged
def test_conv_transpose1d_minimal(conv_transpose1d_minimal):
    pass


@judged
def test_fractional_stride_1d(fractional_stride_1d):
    pass


@judged
def test_conv_transpose1d(conv_transpose1d):
    pass


@judged
def test_fractional_stride_2d(fractional_stride_2d):
    pass


@judged
def test_conv_transpose2d(conv_transpose2d):
    pass


@judged
def test_ConvTranspose2d(ConvTranspose2d):
    pass


@judged
def test_LeakyReLU(LeakyReLU):
    pass


@judged
def test_Sigmoid(Sigmoid):
    pass


@judged
def test_Tanh(Tanh):
    pass


@judged
def test_Generator(Generator):
    pass


@judged
def test_Discriminator(Discriminator):
    pass


@judged
def test_initialize_weights(initialize_weights):
    pass


@judged
def test_DCGAN(DCGAN):
    pass


@judged
def test_training_step_discriminator(training_step_discriminator):
    pass


@judged
def test_training_step_generator(training_step_generator):
    pass


@judged
def test_train_gan(train_gan):
    pass


@judged
def test_judge_samples(judge_samples):
    pass
