"""Every option that more than one command takes, by the heading under which the help lists it."""

from seqcli.cli.flags import Flag

DATA = "Data"
MODEL = "Model"
TRAINING = "Training"
COMPARISON = "Comparison"
RUN = "Run"
OUTPUT = "Output"

COST_MODES = "full|quick|no"
NO_COST = Flag(
    "no_cost", "the same as --cost no", "switch", panel=COMPARISON, setting=False, says=("cost", "no")
)

data = (
    Flag("task", "a built-in task (`seqcli tasks` lists them)", metavar="NAME", panel=DATA),
    Flag(
        "data",
        "your own CSV, TSV, JSONL (also .gz) or Parquet file, hf:NAME, a text to continue, two files A::B, of"
        " signals .npz, .ts or a folder of classes, or a folder of images with their captions",
        metavar="FILE",
        panel=DATA,
    ),
    Flag(
        "kind",
        "what your own data is for: caption, classify, forecast, generate, row, signal (numbers), signal-tag"
        " (a label for each step of them), tag or translate (default: by columns or models)",
        metavar="NAME",
        panel=DATA,
    ),
    Flag(
        "text_column",
        "the column that holds the text (default: by name, or the one of long text)",
        metavar="NAME",
        panel=DATA,
    ),
    Flag(
        "label_column",
        "the column that holds the label (default: by name, or the one of few values)",
        metavar="NAME",
        panel=DATA,
    ),
    Flag("source_column", "of pairs, the column that is read", metavar="NAME", panel=DATA),
    Flag("target_column", "of pairs, the column that is to be written", metavar="NAME", panel=DATA),
    Flag(
        "image_column",
        "of captions, the column of images' names, relative to the table",
        metavar="NAME",
        panel=DATA,
    ),
    Flag("caption_column", "of captions, the column that is to be written", metavar="NAME", panel=DATA),
    Flag(
        "image_size",
        "of captions, the size that images are brought to, such as 32x32 (default: all have one size)",
        metavar="WxH",
        panel=DATA,
    ),
    Flag("pair", "locales of --task translation (default en-ko)", metavar="XX-YY", panel=DATA),
    Flag("length", "longest sequence of a generated task", "number", metavar="N", panel=DATA),
    Flag("time_column", "of series, the column of times", metavar="NAME", panel=DATA),
    Flag(
        "value_column",
        "of series and signals, a column of values (repeatable; default: all columns of numbers)",
        "list",
        metavar="NAME",
        panel=DATA,
    ),
    Flag(
        "past_column",
        "of series, a column read beside the values, known up to the present alone (repeatable)",
        "list",
        metavar="NAME",
        panel=DATA,
    ),
    Flag(
        "future_column",
        "the same of a column known ahead too, such as holidays: read for the steps ahead as well",
        "list",
        metavar="NAME",
        panel=DATA,
    ),
    Flag("series_column", "the column that names the series, of several", metavar="NAME", panel=DATA),
    Flag("id_column", "of signals, the column that names the sequences", metavar="NAME", panel=DATA),
    Flag(
        "step_column",
        "of signals, the column by which a sequence's rows are sorted (default: the file's order)",
        metavar="NAME",
        panel=DATA,
    ),
    Flag("context", "of series, steps that are read (default 168)", "number", metavar="N", panel=DATA),
    Flag("horizon", "of series, steps ahead to answer (default 24)", "number", metavar="N", panel=DATA),
    Flag(
        "period",
        "of series, steps of a season, by which MASE is scaled (default 1)",
        "number",
        metavar="N",
        panel=DATA,
    ),
    Flag(
        "scale",
        "of series: standard, by training's mean and deviation, or window, about its last value (default"
        " standard)",
        metavar="NAME",
        panel=DATA,
    ),
    Flag(
        "fill",
        "of series with gaps: the last value, or a linear step (default: a gap is an error)",
        metavar="NAME",
        panel=DATA,
    ),
    Flag(
        "quantiles",
        "of series, quantiles of each value ahead, such as 0.1,0.5,0.9 (default: the value alone)",
        metavar="Q,Q",
        panel=DATA,
    ),
    Flag(
        "conformal",
        "whether validation corrects quantiles, so that they cover what they say (default yes)",
        "pair",
        panel=DATA,
    ),
    Flag(
        "stride",
        "of series, steps between two test windows; 1 tests every one (default: the horizon)",
        "number",
        metavar="N",
        panel=DATA,
    ),
    Flag(
        "bptt",
        "of a text to continue, tokens through which gradients flow back (default 100)",
        "number",
        metavar="N",
        panel=DATA,
    ),
    Flag("train", "a ready-made training split", metavar="FILE", panel=DATA),
    Flag("valid", "a ready-made validation split", metavar="FILE", panel=DATA),
    Flag("test", "a ready-made test split", metavar="FILE", panel=DATA),
    Flag(
        "split",
        "shares of train, valid and test in percent or parts of 1 (default 80,10,10), each class alike;"
        " of series also spans of time, such as 12m,4m,4m",
        metavar="A,B,C",
        panel=DATA,
    ),
    Flag("split_seed", "decides which rows go where (default 0)", "number", metavar="N", panel=DATA),
    Flag(
        "group_column",
        "the column of what must not be torn apart (authors, patients): no group in two splits",
        metavar="NAME",
        panel=DATA,
    ),
    Flag(
        "rate",
        "of recordings (extra audio), samples a second; others are resampled (default: most files' rate)",
        "number",
        metavar="N",
        panel=DATA,
    ),
    Flag(
        "mels",
        "of recordings, bands of a frame on the mel scale (default 40)",
        "number",
        metavar="N",
        panel=DATA,
    ),
    Flag("frame", "of recordings, the length of a window (default 25ms)", metavar="MS", panel=DATA),
    Flag("hop", "of recordings, from one window to the next (default 10ms)", metavar="MS", panel=DATA),
    Flag("encoding", "the files' encoding (default utf-8)", metavar="NAME", panel=DATA),
    Flag("sep", "the separator between columns (default: from the file's name)", metavar="CHAR", panel=DATA),
    Flag(
        "header",
        "whether the first row names the columns (default yes); without, they are called 1, 2, 3",
        "pair",
        panel=DATA,
    ),
    Flag(
        "missing_labels",
        "of rows without a label: error, or drop them and say how many (default error)",
        metavar="NAME",
        panel=DATA,
    ),
    Flag(
        "duplicates",
        "of rows that repeat a text, or sequences another's values: drop, keep or error (default: drop;"
        " ready-made splits stay as they are)",
        metavar="NAME",
        panel=DATA,
    ),
    Flag(
        "tokenizer",
        "word, char, bpe or bpe:4000, kmer:3 or kmer:3:STRIDE (default: the task's)",
        metavar="NAME",
        panel=DATA,
    ),
    Flag(
        "reverse_complement",
        "of DNA or RNA: learn from the other strand of each training sequence too",
        "pair",
        panel=DATA,
    ),
    Flag(
        "vectors",
        "pretrained word vectors: text as of GloVe, word2vec, fastText, or .npy::WORDS, .safetensors::WORDS",
        metavar="FILE",
        panel=DATA,
    ),
    Flag("vectors_frozen", "leave them as they are in training (default: train them on)", "pair", panel=DATA),
    Flag(
        "init_from",
        "begin with the weights of this run, as far as they fit",
        metavar="RUN",
        panel=DATA,
    ),
    Flag(
        "lowercase",
        "take A for a (default: words of texts that are classified, never pairs)",
        "pair",
        panel=DATA,
    ),
    Flag(
        "vocab_size",
        "most tokens in the vocabulary (default 10000; tasks have their own)",
        "number",
        metavar="N",
        panel=DATA,
    ),
    Flag(
        "vocabulary",
        "of pairs: joint, or separate for sources and targets (default joint)",
        metavar="NAME",
        panel=DATA,
    ),
    Flag(
        "metric",
        "what verdicts, early stopping and gates go by: of classes accuracy, macro_F1, balanced_accuracy,"
        " log_loss or auroc, of translations and captions BLEU, chrF or exact_match, of tags word_accuracy or"
        " entity_F1, of steps step_accuracy or step_macro_F1,"
        " of series MASE, MAE, RMSE, MSE or CRPS, of a text to continue bits_per_character or word_perplexity"
        " (default: the task's)",
        metavar="NAME",
        panel=DATA,
    ),
    Flag(
        "bleu_tokenize",
        "how BLEU finds words: 13a, zh, ja-mecab, ko-mecab, char, intl, spm … (default: by script)",
        metavar="NAME",
        panel=DATA,
    ),
    Flag(
        "max_len",
        "most tokens of a text; longer ones are cut, and counted",
        "number",
        metavar="N",
        panel=DATA,
    ),
)

model = (
    Flag(
        "hidden",
        "width of the recurrent layers (default 128, of seq2seq 256)",
        "number",
        metavar="N",
        panel=MODEL,
    ),
    Flag("layers", "recurrent layers, one above the other (default 1)", "number", metavar="N", panel=MODEL),
    Flag(
        "embedding",
        "width of the token vectors (default 128, of seq2seq 256)",
        "number",
        metavar="N",
        panel=MODEL,
    ),
    Flag(
        "crf",
        "of taggers: label a sentence as one path, each label likely or not after the one before",
        "pair",
        panel=MODEL,
    ),
    Flag("bidirectional", "read the sequence in both directions", "pair", panel=MODEL),
    Flag("dropout", "share of values dropped in training (default 0.3)", "number", metavar="P", panel=MODEL),
    Flag("init", "torch, tuned, orthogonal, chrono or gaussian (default tuned)", metavar="NAME", panel=MODEL),
    Flag("pooling", "last, mean or max over the states (default last)", metavar="NAME", panel=MODEL),
)

training = (
    Flag(
        "keep_epochs",
        "keep the weights after every epoch too, for gradprobe --over-training",
        "pair",
        panel=TRAINING,
    ),
    Flag(
        "train_size",
        "share of the training split to learn from (default 1)",
        "number",
        metavar="P",
        panel=TRAINING,
    ),
    Flag(
        "epochs",
        "most passes over the training split (default 10; tasks have their own)",
        "number",
        metavar="N",
        panel=TRAINING,
    ),
    Flag("max_steps", "most optimiser steps", "number", metavar="N", panel=TRAINING),
    Flag(
        "batch_size",
        "sequences a step (default 64; tasks have their own)",
        "number",
        metavar="N",
        panel=TRAINING,
    ),
    Flag("optimizer", "adam (default), or sgd: plain gradient descent", metavar="NAME", panel=TRAINING),
    Flag(
        "lr",
        "the optimiser's learning rate (default 0.002; tasks have their own)",
        "number",
        metavar="X",
        panel=TRAINING,
    ),
    Flag(
        "schedule",
        "how it falls: constant, linear or cosine (default constant; of seq2seq linear)",
        metavar="NAME",
        panel=TRAINING,
    ),
    Flag("clip", "largest gradient norm (default 1; `null` for none)", "number", metavar="X", panel=TRAINING),
    Flag(
        "patience",
        "epochs without a better score before stopping (default 3)",
        "number",
        metavar="N",
        panel=TRAINING,
    ),
    Flag(
        "choose_by",
        "what the best epoch is best in: metric or loss (default metric)",
        metavar="NAME",
        panel=TRAINING,
    ),
    Flag(
        "class_weights",
        "balanced: errors of rare classes count more in training; none (default): all alike",
        metavar="NAME",
        panel=TRAINING,
    ),
)

result = (
    Flag(
        "format",
        "table, json, csv (a row a model), tidy, markdown … (default table)",
        metavar="NAME",
        panel=OUTPUT,
        setting=False,
    ),
)

seeds = (Flag("per_seed", "of csv: a row a model and seed", "switch", panel=OUTPUT, setting=False),)

side_by_side = (
    Flag("jobs", "training runs side by side (default: one a core)", "number", metavar="N", panel=RUN),
    Flag("out", "keep the training runs here (default: the cache)", metavar="DIR", short="-o", panel=RUN),
)

LOST_AFTER = Flag(
    "lost_after",
    "seconds, or a time such as 5m, of silence after which a worker's runs are taken over (default 60)",
    metavar="TIME",
    panel=RUN,
)

shared_store = (
    Flag(
        "store",
        "a folder that other machines see too: every `seqcli work DIR`, and this command on any of them,"
        " shares the training runs; nothing is lost with a machine",
        metavar="DIR",
        panel=RUN,
    ),
    Flag(
        "plan_only",
        "put the training runs into the store and end; workers train them",
        "switch",
        panel=RUN,
        setting=False,
    ),
    LOST_AFTER,
)

resuming = (
    Flag(
        "resume",
        "go on where it stopped (the same command does so anyway)",
        "switch",
        panel=RUN,
        setting=False,
    ),
    Flag("overwrite", "start anew where a run already is", "switch", panel=RUN, setting=False),
)

machine = (
    Flag("device", "auto, cpu, cuda or mps (default auto)", metavar="NAME", panel=RUN),
    Flag("threads", "threads of each training run (default 1)", "number", metavar="N", panel=RUN),
)

limits = (
    Flag(
        "max_time",
        "stop after so long (90s, 20m, 2h), saved: the same command goes on; exit 75",
        metavar="TIME",
        panel=RUN,
    ),
    Flag(
        "checkpoint_every",
        "seconds, or a time such as 5m, between checkpoints (default 30)",
        metavar="TIME",
        panel=RUN,
    ),
)

configuration = (
    Flag("config", "settings from a YAML file", metavar="FILE", short="-c", panel=RUN, setting=False),
    Flag(
        "set", "one setting as key=value (repeatable)", "list", metavar="KEY=VALUE", panel=RUN, setting=False
    ),
    Flag(
        "print_config",
        "show every setting and where it comes from, then stop",
        "switch",
        panel=RUN,
        setting=False,
    ),
)

legs = (
    *resuming,
    *machine,
    *limits,
    *configuration,
    Flag(
        "dry_run",
        "say what would be done and how long it would take; nothing is trained",
        "switch",
        short="-n",
        panel=RUN,
        setting=False,
    ),
    *result,
)

output = (
    Flag("color", "auto, always or never (default auto)", metavar="WHEN", panel=OUTPUT, setting=False),
    Flag("quiet", "no progress", "switch", short="-q", panel=OUTPUT, setting=False),
    Flag("verbose", "say more on stderr", "count", short="-v", panel=OUTPUT, setting=False),
)
