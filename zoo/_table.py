"""The models that come with the zoo: recipe, source, and what the source reports."""

from __future__ import annotations

from zoo._spec import ModelSpec, Reported

_SONAR_PROTOCOL = "StratifiedKFold(10, shuffle=True, random_state=7), inputs standardised inside the fold"
_SONAR_DATA = "Gorman and Sejnowski 1988, Neural Networks 1:75-89"
_DROPOUT = "Srivastava et al. 2014, Journal of Machine Learning Research 15:1929-1958"
_DROPOUT_ARTICLE = "Brownlee, Dropout Regularization in Deep Learning Models with Keras"
_LINEAR_BOOK = "Zhang, Lipton, Li and Smola 2023, Dive into Deep Learning, chapter 3"
_MNIST_TUTORIAL = "LISA lab, Deep Learning Tutorials: Classifying MNIST digits using Logistic Regression"
_MULTI_OUTPUT_ARTICLE = "Brownlee 2020, Deep Learning Models for Multi-Output Regression"
_PETS_CODE = "A convolutional network with dropout for the Shiba Inus and Samoyeds of the Oxford-IIIT Pet data"
_PETS_DATA = "Parkhi et al. 2012, IEEE Conference on Computer Vision and Pattern Recognition"
_PIMA_ARTICLE = "Brownlee, Evaluate the Performance of Deep Learning Models in Keras"
_MAMMOGRAPHY_ARTICLE = "Brownlee 2021, Develop a Neural Network for Woods Mammography Dataset"

BUILT_IN: tuple[ModelSpec, ...] = (
    ModelSpec(
        name="linear_regression",
        builder="zoo.linear:linear_regression",
        dataset="linear",
        tasks=("regression",),
        epochs=3,
        batch_size=10,
        description="Linear regression by mini-batch gradient descent.",
        source=_LINEAR_BOOK,
        reported=Reported(
            metric="loss",
            mean=5e-5,
            sd=None,
            protocol="half the squared error on the 1,000 training rows; w and b are off by 3e-4 to 1e-3",
            source=_LINEAR_BOOK,
        ),
    ),
    ModelSpec(
        name="mammography_mlp",
        builder="zoo.mammography:mammography_mlp",
        dataset="mammography",
        tasks=("binary", "multiclass"),
        epochs=300,
        batch_size=32,
        description="One hidden layer of 50 units for the imbalanced Woods mammography data.",
        source=f"{_MAMMOGRAPHY_ARTICLE}; data of Woods et al. 1993",
        reported=Reported(
            metric="accuracy",
            mean=0.987,
            sd=0.002,
            protocol="StratifiedKFold(10); always answering the larger class gives 0.977",
            source=_MAMMOGRAPHY_ARTICLE,
        ),
        also_reported=(
            Reported(
                metric="accuracy",
                mean=0.988,
                sd=None,
                protocol="one stratified hold-out of half the rows",
                source=_MAMMOGRAPHY_ARTICLE,
            ),
        ),
    ),
    ModelSpec(
        name="mnist_softmax",
        builder="zoo.mnist:mnist_softmax",
        dataset="digits",
        tasks=("multiclass", "binary"),
        epochs=1000,
        batch_size=600,
        early_stopping="geometric-error",  # what the tutorial calls the validation loss is the share of errors
        description="Softmax regression (multinomial logistic regression) on flattened images.",
        source=_MNIST_TUTORIAL,
        reported=Reported(
            metric="zero_one_loss",
            mean=0.0749,
            sd=None,
            protocol="50,000 / 10,000 / 10,000 rows to train, validate and test; stopped early in epoch 74",
            source=_MNIST_TUTORIAL,
        ),
    ),
    ModelSpec(
        name="multi_output_mlp",
        builder="zoo.multi_output:multi_output_mlp",
        dataset="multi_output",
        tasks=("regression",),
        epochs=100,
        batch_size=32,
        description="One hidden layer of 20 units that predicts several numbers at once.",
        source=_MULTI_OUTPUT_ARTICLE,
        reported=Reported(
            metric="mae",
            mean=8.184,
            sd=1.032,
            protocol="RepeatedKFold(n_splits=10, n_repeats=3, random_state=1)",
            source=_MULTI_OUTPUT_ARTICLE,
        ),
    ),
    ModelSpec(
        name="pets_cnn",
        builder="zoo.pets:pets_cnn",
        dataset="shapes",
        tasks=("binary", "multiclass"),
        epochs=60,
        batch_size=10,
        early_stopping=10,
        preprocessing=("mean_image",),
        image_size=(224, 224),
        # For small pictures, in minutes on a laptop; the source's are the builder's defaults.
        arguments={"conv_dropout": 0.5, "stddev": 0.02, "learning_rate": 3e-4},
        advice=(
            "Set for small pictures; the source's settings for photographs are -a conv_dropout=0.8 -a stddev=0.1 "
            "-a learning_rate=1e-5 --epochs 400 --early-stopping none."
        ),
        description="Two blocks of convolutions with heavy dropout, trained from nothing on few photographs.",
        source=f"{_PETS_CODE}; {_DROPOUT}; data of {_PETS_DATA}",
        reported=Reported(
            metric="accuracy",
            mean=0.9,
            sd=None,
            protocol="one hold-out of 15 % of under 400 photographs of two breeds, with dropout; about",
            source=_PETS_CODE,
        ),
        also_reported=(
            Reported(
                metric="accuracy",
                mean=0.8,
                sd=None,
                protocol="the same without dropout, where training accuracy reaches 1; about",
                source=_PETS_CODE,
            ),
        ),
    ),
    ModelSpec(
        name="pima_mlp",
        builder="zoo.pima:pima_mlp",
        dataset="pima",
        tasks=("binary", "multiclass"),
        epochs=150,
        batch_size=10,
        description="Hidden layers of 12 and 8 units for the Pima diabetes data.",
        source=f"{_PIMA_ARTICLE}; data of Smith et al. 1988",
        reported=Reported(
            metric="accuracy",
            mean=0.6468,
            sd=0.1550,
            protocol="StratifiedKFold(10, shuffle=True, random_state=7)",
            source=_PIMA_ARTICLE,
        ),
    ),
    ModelSpec(
        name="sonar_baseline",
        builder="zoo.sonar:sonar_baseline",
        dataset="sonar",
        tasks=("binary", "multiclass"),
        epochs=300,
        batch_size=16,
        preprocessing=("standardize",),
        description="Hidden layers of 60 and 30 units without dropout, to hold the dropout nets against.",
        source=f"{_DROPOUT_ARTICLE}; data of {_SONAR_DATA}",
        reported=Reported("accuracy", 0.8604, 0.0458, _SONAR_PROTOCOL, _DROPOUT_ARTICLE),
    ),
    ModelSpec(
        name="sonar_dropout",
        builder="zoo.sonar:sonar_dropout",
        dataset="sonar",
        tasks=("binary", "multiclass"),
        epochs=300,
        batch_size=16,
        preprocessing=("standardize",),
        description="Dropout on the visible layer, max-norm constraint on the hidden kernels.",
        source=f"{_DROPOUT}; data of {_SONAR_DATA}",
        reported=Reported("accuracy", 0.8352, 0.0768, _SONAR_PROTOCOL, _DROPOUT_ARTICLE),
    ),
    ModelSpec(
        name="sonar_dropout_hidden",
        builder="zoo.sonar:sonar_dropout_hidden",
        dataset="sonar",
        tasks=("binary", "multiclass"),
        epochs=300,
        batch_size=16,
        preprocessing=("standardize",),
        description="Dropout after each hidden layer, max-norm constraint on the hidden kernels.",
        source=f"{_DROPOUT}; data of {_SONAR_DATA}",
        reported=Reported("accuracy", 0.8359, 0.0731, _SONAR_PROTOCOL, _DROPOUT_ARTICLE),
    ),
    ModelSpec(
        name="vgg19_transfer",
        builder="zoo.vgg19_transfer:vgg19_transfer",
        dataset="shapes",
        tasks=("multiclass", "binary"),
        epochs=50,
        batch_size=16,
        early_stopping=10,
        image_size=(256, 256),
        # What the regimes advise for few images unlike those of ImageNet, and runs without the internet. The
        # source takes all that the base puts out: of one that ends so early, at 256 x 256 pixels, 537 million
        # weights would lead to the first hidden layer.
        arguments={"regime": "truncated", "weights": None, "pooling": 4},
        advice="The base starts from random weights; ImageNet's come with -a weights=imagenet -a regime=frozen.",
        description="A classifier on VGG19 or another pretrained base; random weights unless asked for.",
        source="Simonyan and Zisserman 2015, ICLR; Chollet, Transfer learning and fine-tuning, Keras guides",
    ),
)
