// Reads a segment by ranges: the footer first, then only the columns and rows asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/event_batch.h"
#include "segment/byte_source.h"
#include "segment/footer.h"
#include "segment/row_group_codec.h"

namespace lynxdb::segment {

// Rows of a row group, ascending.
using RowIds = std::vector<std::uint32_t>;

// Rows that were found by their text, and what was decoded of them on the way.
struct FoundRows {
  RowIds rows;
  event::EventBatch fields;  // One row for each; some of their fields, or none.
};

// Thread-safe; keeps the footer, and which chunks' checksums it compared lately. Columns it gives
// out stand on their own and may outlive it. Errors: kCorruption (of this segment's bytes), those
// of the source, and kCancelled for columns and full text when base::must_stop().
class SegmentReader {
 public:
  // One read of the last 64 KB, a second one for a longer footer.
  static Result<std::shared_ptr<const SegmentReader>> open(std::shared_ptr<ByteSource> source);

  const Footer& footer() const { return footer_; }
  std::uint64_t size_bytes() const { return source_->size(); }
  // Errors: kIo once its bytes turned out not to be readable; a new reader may have more luck.
  Result<> check_source() const { return source_->check(); }

  // --- Columns of one row group (0 <= row_group < footer().row_groups.size()).

  // The fields named, in that order, of all rows; names that the row group lacks are left out.
  // Reads the chunks named (and those they need), joined where they lie close. `dictionaries`: as
  // ChunkReader::column; `excerpt`: as decode_row_group.
  Result<event::EventBatch> read(std::size_t row_group, std::span<const std::string> fields,
                                 NumberDictionaries* dictionaries = nullptr,
                                 const FieldExcerpt* excerpt = nullptr) const;
  // The same of the rows named (ascending).
  Result<event::EventBatch> read_rows(std::size_t row_group, std::span<const std::string> fields,
                                      const RowIds& rows) const;
  // Names of the columns that the row group has, built-in and others, in the footer's order.
  std::vector<std::string> field_names(std::size_t row_group) const;

  // --- Full text. Literals are looked for in `_raw` as substrings, ASCII case ignored.

  // Rows that may hold every one of `literals`: rows left out do not. Asks the text index alone, so
  // the answer mostly comes in whole blocks of rows (kBlockRows). nullopt: nothing is known,
  // every row may hold them.
  Result<std::optional<RowIds>> candidates(std::size_t row_group,
                                           std::span<const std::string> literals) const;
  // Exactly the rows that hold every one of `literals`; asks the index first, then looks at the
  // encoded text, and builds the text of what is left. `find_rows` gives the fields of few rows,
  // too.
  Result<RowIds> rows_containing(std::size_t row_group,
                                 std::span<const std::string> literals) const;
  Result<FoundRows> find_rows(std::size_t row_group, std::span<const std::string> literals) const;

 private:
  SegmentReader(std::shared_ptr<ByteSource> source, Footer footer);

  struct Chunks {
    std::vector<NamedChunk> named;
    event::Column::Owner owner;                // Of their bytes.
    std::unique_ptr<CheckMark[]> own_marks{};  // For these very bytes, where no others are kept.
  };

  const RowGroup& group_at(std::size_t row_group) const;
  // The chunks of these fields and of those that they need.
  Result<Chunks> read_chunks(std::size_t row_group, std::span<const std::string> fields) const;
  // Those of `rows` (all, if none are given) whose encoded text, in `chunks`, may hold the
  // literals.
  Result<RowIds> narrowed(std::size_t row_group, const Chunks& chunks,
                          std::span<const std::string> literals,
                          const std::optional<RowIds>& rows) const;
  // `rows`: null for all.
  Result<event::EventBatch> decode(std::size_t row_group, const Chunks& chunks,
                                   std::span<const std::string> fields, const RowIds* rows,
                                   NumberDictionaries* dictionaries = nullptr,
                                   const FieldExcerpt* excerpt = nullptr) const;

  std::shared_ptr<ByteSource> source_;
  Footer footer_;
  // Of the chunks of each row group, where the source's bytes stay.
  std::vector<std::unique_ptr<CheckMark[]>> marks_;
};

}  // namespace lynxdb::segment
