#include "spl2/parser.h"
