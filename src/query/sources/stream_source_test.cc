// What reading a stream promises: the same lines however the bytes arrive, complete lines without
// waiting for more, gzip and zstd like plain text, and an error naming the input for damaged data.
#include "query/sources/stream_source.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <random>
#include <string>
#include <vector>

#include "query/sources/temporary_file.h"

namespace lynxdb::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Arrives in pieces; between two pieces nothing is ready.
class PieceStream : public ByteStream {
 public:
  explicit PieceStream(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}

  Result<std::size_t> read(std::span<char> out) override {
    if (next_ == pieces_.size()) return std::size_t{0};
    const std::size_t n = std::min(out.size(), pieces_[next_].size() - used_);
    std::copy_n(pieces_[next_].begin() + static_cast<std::ptrdiff_t>(used_), n, out.begin());
    used_ += n;
    if (used_ == pieces_[next_].size()) {
      ++next_;
      used_ = 0;
    }
    return n;
  }
  bool ready() const override { return used_ > 0; }
  std::uint64_t input_bytes() const override { return 0; }

 private:
  std::vector<std::string> pieces_;
  std::size_t next_ = 0;
  std::size_t used_ = 0;
};

std::vector<std::string> chunks_of(std::vector<std::string> pieces, std::size_t bytes_wanted = 1000,
                                   std::size_t line_bytes_max = 1U << 20U) {
  ChunkBufferPool pool(64, 2);
  LineStream stream(std::make_unique<PieceStream>(std::move(pieces)), line_bytes_max, pool);
  std::vector<std::string> chunks;
  while (true) {
    auto chunk = stream.next(bytes_wanted);
    EXPECT_TRUE(chunk);
    if (!*chunk) return chunks;
    chunks.emplace_back((*chunk)->lines);
  }
}

TEST(LineStream, GivesCompleteLinesAsTheyArrive) {
  EXPECT_THAT(chunks_of({"a\nb\n", "c\nd", "d\n"}), ElementsAre("a\nb\n", "c\n", "dd\n"));
}

TEST(LineStream, NeedsNoLineFeedAtTheEnd) {
  EXPECT_THAT(chunks_of({"a\nb"}), ElementsAre("a\n", "b"));
  EXPECT_THAT(chunks_of({"b"}), ElementsAre("b"));
  EXPECT_THAT(chunks_of({}), ElementsAre());
}

TEST(LineStream, LeavesOutAByteOrderMarkAtTheStart) {
  EXPECT_THAT(chunks_of({"\xef",
                         "\xbb\xbf"
                         "a\n\xef\xbb\xbf\n"}),
              ElementsAre("a\n\xef\xbb\xbf\n"));
}

TEST(LineStream, GivesTheSameLinesHoweverTheBytesArrive) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 400, 'x');
    for (char& c : text) c = random() % 7 == 0 ? '\n' : 'x';
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t n = 1 + random() % 90;
      pieces.push_back(text.substr(at, n));
      at += n;
    }
    std::string together;
    for (const std::string& chunk : chunks_of(pieces, 1 + random() % 100)) {
      EXPECT_TRUE(together.empty() || together.back() == '\n');
      EXPECT_FALSE(chunk.empty());
      together += chunk;
    }
    ASSERT_EQ(together, text);
  }
}

TEST(LineStream, KeepsALittleMoreThanTheLimitOfALineThatIsTooLong) {
  for (const std::size_t rest : {0U, 1U, 70'000U, 3'000'000U}) {
    const std::vector<std::string> chunks =
        chunks_of({"a\n" + std::string(200'000 + rest, 'x') + "\nb\n", "c"}, 1000, 100'000);
    std::string together;
    for (const std::string& chunk : chunks) together += chunk;
    EXPECT_TRUE(together.starts_with("a\nxx"));
    EXPECT_TRUE(together.ends_with("x\nb\nc")) << rest;
    EXPECT_GT(together.size(), 100'000U);
    EXPECT_LT(together.size(), 400'000U);
  }
}

std::string gzipped(std::string_view text) {
  z_stream state{};
  EXPECT_EQ(deflateInit2(&state, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&state, text.size()) + 32, '\0');
  std::string in(text);
  state.next_in = reinterpret_cast<Bytef*>(in.data());
  state.avail_in = static_cast<uInt>(in.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&state, Z_FINISH), Z_STREAM_END);
  out.resize(state.total_out);
  deflateEnd(&state);
  return out;
}

std::string zstd_compressed(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

// The decompressed content, or the error's message.
std::string content_of(std::string_view file_bytes) {
  const TemporaryFile file(file_bytes);
  const Cancellation cancellation;
  auto input = InputFile::open(file.path());
  EXPECT_TRUE(input);
  auto stream = open_stream(*input, cancellation);
  EXPECT_TRUE(stream);
  std::string content;
  std::string buffer(1000, '\0');
  while (true) {
    const Result<std::size_t> n = (*stream)->read(buffer);
    if (!n) {
      EXPECT_THAT(n.error().message, HasSubstr(file.path()));
      return "error: " + n.error().message;
    }
    if (*n == 0) return content;
    content.append(buffer, 0, *n);
  }
}

std::string many_lines() {
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "line " + std::to_string(i * 7919 % 10007) + "\n";
  return text;
}

TEST(ByteStream, RecognisesCompressionByMagicBytes) {
  const std::string text = many_lines();
  EXPECT_EQ(content_of(text), text);
  EXPECT_EQ(content_of(gzipped(text)), text);
  EXPECT_EQ(content_of(zstd_compressed(text)), text);
  for (const std::string start : {"", "(", "\x1f", "(\xb5", "\x28\xb5\x2f", "ab"})
    EXPECT_EQ(content_of(start), start);
}

TEST(ByteStream, ReadsCompressedFilesThatWerePutTogether) {
  EXPECT_EQ(content_of(gzipped("a\n") + gzipped("") + gzipped("b\n")), "a\nb\n");
  EXPECT_EQ(content_of(zstd_compressed("a\n") + zstd_compressed("b\n")), "a\nb\n");
  const std::string to_skip("\x5f\x2a\x4d\x18\x02\0\0\0hi", 10);  // As pzstd begins its files.
  EXPECT_EQ(content_of(to_skip + zstd_compressed("a\n") + to_skip), "a\n");
  EXPECT_EQ(content_of(gzipped("a\n") + std::string(512, '\0')), "a\n");
  const std::string exact(1000, 'x');  // Just as large as the reader's buffer.
  EXPECT_EQ(content_of(zstd_compressed(exact)), exact);
  EXPECT_EQ(content_of(gzipped(exact)), exact);
}

TEST(ByteStream, ReportsDamagedAndCutOffData) {
  const std::string text = many_lines();
  for (std::string bytes : {gzipped(text), zstd_compressed(text)}) {
    EXPECT_THAT(content_of(bytes.substr(0, bytes.size() / 2)), HasSubstr("ends in the middle"));
    EXPECT_THAT(content_of(bytes.substr(0, bytes.size() - 1)), HasSubstr("ends in the middle"));
    EXPECT_THAT(content_of(bytes + "garbage"), HasSubstr("error: "));
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
    bytes[bytes.size() / 2 + 1] = static_cast<char>(bytes[bytes.size() / 2 + 1] ^ 0x55);
    EXPECT_NE(content_of(bytes), text);
  }
}

TEST(InputFile, StopsWaitingForAPipeWhenTheQueryIsCancelled) {
  const std::string path = "/tmp/lynxdb_test_fifo_" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int writer = ::open(path.c_str(), O_RDWR);
  Cancellation cancellation;
  auto input = InputFile::open(path);
  ASSERT_TRUE(input);
  EXPECT_FALSE((*input)->ready());
  cancellation.cancel();
  char byte = 0;
  const Result<std::size_t> n = (*input)->read({&byte, 1}, cancellation);
  ASSERT_FALSE(n);
  EXPECT_EQ(n.error().code, ErrorCode::kCancelled);
  ::close(writer);
  ::unlink(path.c_str());
}

}  // namespace
}  // namespace lynxdb::query
