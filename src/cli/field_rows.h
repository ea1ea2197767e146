// Rows of field summaries: the frequent values with their counts, as each format can show them.
#pragma once

#include <memory>

#include "output/writer.h"

namespace lynxdb::cli {

// For rows whose column `top_values` has a list of objects, `{"value":"a","count":3}` each, as
// texts. JSON formats print them as objects, one row a line; csv and tsv have the JSON text of
// them all, the others `a (3)`. Contract of output::Writer.
std::unique_ptr<output::Writer> make_field_rows_writer(const output::WriterOptions& options,
                                                       output::OutputBuffer& out,
                                                       query::SpillSpace& spill);

}  // namespace lynxdb::cli
