from seqcli.api.calls import compare as compare
from seqcli.api.calls import conclude as conclude
from seqcli.api.calls import evaluate as evaluate
from seqcli.api.calls import gradprobe as gradprobe
from seqcli.api.calls import load as load
from seqcli.api.calls import predict as predict
from seqcli.api.calls import train as train
from seqcli.errors import SeqcliError as SeqcliError

__version__: str
