"""Every option that more than one command takes, by the heading under which the help lists it."""

from seqcli.cli.flags import Flag, flags

DATA = "Data"
MODEL = "Model"
TRAINING = "Training"
COMPARISON = "Comparison"
RUN = "Run"
OUTPUT = "Output"

NO_COST = Flag(
    "no_cost", "the same as --cost no", "switch", panel=COMPARISON, setting=False, says=("cost", "no")
)

data = flags(
    DATA,
    """
    --task NAME                a built-in task (`seqcli tasks` lists them)
    --data FILE                your own CSV, TSV, JSONL (also .gz) or Parquet file, hf:NAME, a text to
                               continue, two files A::B, of signals .npz, .ts or a folder of classes (films:
                               FOLDER/CLASS/CLIP/1.png), or a folder of images with their captions
    --kind NAME                what your own data is for: caption, classify, forecast, generate, row,
                               signal (numbers), signal-tag (a label for each step of them), tag or
                               translate (default: by columns or models)
    --text-column NAME         the column that holds the text (default: by name, or the one of long text)
    --label-column NAME        the column that holds the label (default: by name, or the one of few
                               values)
    --source-column NAME       of pairs, the column that is read
    --target-column NAME       of pairs, the column that is to be written
    --image-column NAME        of captions, the column of images' names, relative to the table
    --caption-column NAME      of captions, the column that is to be written
    --image-size WxH           of captions and films, the size that images are brought to, such as 32x32
                               (default: all have one size)
    --pair XX-YY               locales of --task translation (default en-ko)
    --length N                 longest sequence of a generated task
    --time-column NAME         of series, the column of times
    --value-column NAME ...    of series and signals, a column of values (repeatable; default: all
                               columns of numbers)
    --past-column NAME ...     of series, a column read beside the values, known up to the present alone
                               (repeatable)
    --future-column NAME ...   the same of a column known ahead too, such as holidays: read for the steps
                               ahead as well
    --series-column NAME       the column that names the series, of several
    --id-column NAME           of signals, the column that names the sequences
    --step-column NAME         of signals, the column by which a sequence's rows are sorted (default: the
                               file's order)
    --context N                of series, steps that are read (default 168)
    --horizon N                of series, steps ahead to answer (default 24)
    --period N                 of series, steps of a season, by which MASE is scaled (default 1)
    --scale NAME               of series: standard, by training's mean and deviation, or window, about
                               its last value (default standard)
    --fill NAME                of series with gaps: the last value, a linear step, or cut, so that no
                               window reaches over one (default: a gap is an error)
    --quantiles Q,Q            of series, quantiles of each value ahead, such as 0.1,0.5,0.9 (default:
                               the value alone)
    --[no-]conformal           whether validation corrects quantiles, so that they cover what they say
                               (default yes)
    --stride N                 of series, steps between two test windows; 1 tests every one (default: the
                               horizon)
    --bptt N                   of a text to continue, tokens through which gradients flow back (default
                               100)
    --train FILE               a ready-made training split
    --valid FILE               a ready-made validation split
    --test FILE                a ready-made test split
    --split A,B,C              shares of train, valid and test in percent or parts of 1 (default
                               80,10,10), each class alike; of series also spans of time, such as
                               12m,4m,4m
    --split-seed N             decides which rows go where (default 0)
    --group-column NAME        the column of what must not be torn apart (authors, patients): no group in
                               two splits
    --rate N                   of recordings (extra audio), samples a second; others are resampled
                               (default: most files' rate)
    --mels N                   of recordings, bands of a frame on the mel scale (default 40)
    --frame MS                 of recordings, the length of a window (default 25ms)
    --hop MS                   of recordings, from one window to the next (default 10ms)
    --encoding NAME            the files' encoding (default utf-8)
    --sep CHAR                 the separator between columns (default: from the file's name)
    --[no-]header              whether the first row names the columns (default yes); without, they are
                               called 1, 2, 3
    --missing-labels NAME      of rows without a label: error, or drop them and say how many (default
                               error)
    --duplicates NAME          of rows that repeat a text, or sequences another's values: drop, keep or
                               error (default: drop; ready-made splits stay as they are)
    --tokenizer NAME           word, char, bpe or bpe:4000, kmer:3 or kmer:3:STRIDE (default: the task's)
    --[no-]reverse-complement  of DNA or RNA: learn from the other strand of each training sequence too
    --[no-]characters          of labelled words, read the letters of each too: a word never seen has a
                               vector from them (default no)
    --vectors FILE             pretrained vectors of the words that are read (of pairs with --vocabulary
                               separate): text as of GloVe, word2vec, fastText, or .npy::WORDS,
                               .safetensors::WORDS; glove-50 reads those of the extra 'vectors'
    --[no-]vectors-frozen      leave them as they are in training (default: train them on)
    --init-from RUN            begin with the weights of this run, as far as they fit
    --[no-]lowercase           take A for a (default: words of texts that are classified, never pairs)
    --vocab-size N             most tokens in the vocabulary (default 10000; tasks have their own)
    --vocabulary NAME          of pairs: joint, or separate for sources and targets (default joint)
    --metric NAME              what verdicts, early stopping and gates go by: of classes accuracy,
                               macro_F1, balanced_accuracy, log_loss or auroc, of translations and
                               captions BLEU, chrF or exact_match, of tags word_accuracy or entity_F1, of
                               steps step_accuracy or step_macro_F1, of series MASE, MAE, RMSE, MSE or
                               CRPS, of a text to continue bits_per_character or word_perplexity
                               (default: the task's)
    --bleu-tokenize NAME       how BLEU finds words: 13a, zh, ja-mecab, ko-mecab, char, intl, spm …
                               (default: by script)
    --max-len N                most tokens of a text; longer ones are cut, and counted
    """,
)

model = flags(
    MODEL,
    """
    --hidden N            width of the recurrent layers (default 128, of seq2seq 256)
    --layers N            recurrent layers, one above the other (default 1)
    --embedding N         width of the token vectors (default 128, of seq2seq 256)
    --[no-]crf            of taggers: label a sentence as one path, each label likely or not after the
                          one before
    --frame-encoder NAME  of films, what reads each frame: convolution (default), or flat: its pixels
                          as they are
    --[no-]bidirectional  read the sequence in both directions (default: of labelled words alone)
    --dropout P           share of values dropped in training (default 0.3)
    --init NAME           torch, tuned, orthogonal, chrono or gaussian (default tuned)
    --pooling NAME        last, mean or max over the states (default last)
    """,
)

training = flags(
    TRAINING,
    """
    --[no-]keep-epochs    keep the weights after every epoch too, for gradprobe --over-training
    --train-size P        share of the training split to learn from (default 1)
    --epochs N            most passes over the training split (default 10; tasks have their own)
    --max-steps N         most optimiser steps
    --batch-size N        sequences a step (default 64; tasks have their own)
    --optimizer NAME      adam (default), or sgd: plain gradient descent
    --lr X                the optimiser's learning rate (default 0.002; tasks have their own)
    --schedule NAME       how it falls: constant, linear or cosine (default constant; of seq2seq linear)
    --clip X              largest gradient norm (default 1; `null` for none)
    --patience N          epochs without a better score before stopping (default 3)
    --choose-by NAME      what the best epoch is best in: metric or loss (default metric)
    --class-weights NAME  balanced: errors of rare classes count more in training; none (default): all
                          alike
    --threshold NAME      valid: of two classes, the rarer one is said from the probability on that is best
                          on validation, by --metric macro_F1 or balanced_accuracy, else by its F1; half
                          (default): the likelier one
    """,
)

result = flags(
    OUTPUT,
    "--format NAME  table, json, csv (a row a model), tidy, markdown … (default table)",
    setting=False,
)

seeds = flags(OUTPUT, "--per-seed  of csv: a row a model and seed", setting=False)

side_by_side = flags(
    RUN,
    """
    --jobs N       training runs side by side (default: one a core)
    -o, --out DIR  keep the training runs here (default: the cache)
    """,
)

LOST_AFTER = flags(
    RUN,
    "--lost-after TIME  seconds, or a time such as 5m, of silence after which a worker's runs are taken over"
    " (default 60)",
)

shared_store = (
    *flags(
        RUN,
        "--store DIR  a folder that other machines see too: every `seqcli work DIR`, and this command on any"
        " of them, shares the training runs; nothing is lost with a machine",
    ),
    *flags(
        RUN, "--plan-only  put the training runs into the store and end; workers train them", setting=False
    ),
    *LOST_AFTER,
    *flags(
        RUN,
        """
        --on NAME      what trains: local (default), work (default with --store), slurm: an array of workers
                       on the store, ray, or ray://HOST:PORT; `slurm:` of a YAML file holds SLURM's options
        --cost-on HOST  measure cost on this machine alone (its hostname); elsewhere its figures are shown,
                       once it has measured them (default: where the command runs)
        --[no-]strict  refuse machines whose processor or torch would give other numbers; else they are told
                       and left out
        """,
    ),
)

resuming = flags(
    RUN,
    """
    --resume     go on where it stopped (the same command does so anyway)
    --overwrite  start anew where a run already is
    """,
    setting=False,
)

machine = flags(
    RUN,
    """
    --device NAME  auto, cpu, cuda or mps (default auto)
    --threads N    threads of each training run (default 1)
    """,
)

limits = flags(
    RUN,
    """
    --max-time TIME          stop after so long (90s, 20m, 2h), saved: the same command goes on; exit 75
    --checkpoint-every TIME  seconds, or a time such as 5m, between checkpoints (default 30)
    """,
)

threads = flags(RUN, "--threads N  threads to compute with (default 1)")

labelling = (*threads, *flags(RUN, "--batch-size N  texts labelled together (default 256)"))

configuration = flags(
    RUN,
    """
    -c, --config FILE    settings from a YAML file
    --set KEY=VALUE ...  one setting as key=value (repeatable)
    --print-config       show every setting and where it comes from, then stop
    """,
    setting=False,
)

legs = (
    *resuming,
    *machine,
    *limits,
    *configuration,
    *flags(
        RUN,
        "-n, --dry-run  say what would be done and how long it would take; nothing is trained",
        setting=False,
    ),
    *result,
)

output = flags(
    OUTPUT,
    """
    --color WHEN       auto, always or never (default auto)
    -q, --quiet        no progress
    -v, --verbose ...  say more on stderr
    """,
    setting=False,
)

quiet = flags(OUTPUT, "-q, --quiet  only what is doubtful", setting=False)
