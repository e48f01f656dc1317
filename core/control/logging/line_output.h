#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"

namespace patchbay::logging {

/// Where finished lines go. Written by the log's own thread; errors of writing are lost, as there is nowhere to tell
/// them.
class LineOutput {
 public:
  virtual ~LineOutput() = default;
  /// `line` has no line break at its end. [log thread]
  virtual void write_line(std::string_view line) = 0;
  /// After a rotation: the next line goes to a new file of the same name. False: the old one stays open. [control]
  virtual bool reopen() = 0;
};

class StderrOutput final : public LineOutput {
 public:
  void write_line(std::string_view line) override;
  bool reopen() override { return true; }
};

/// Appends to a file, one write for each line, so that nothing is held back when the process dies.
class FileOutput final : public LineOutput {
 public:
  /// Creates the file (mode 0640) if need be; the error says why it cannot be opened.
  [[nodiscard]] static base::Result<std::unique_ptr<FileOutput>, std::string> open(const std::string& path);
  ~FileOutput() override;
  FileOutput(const FileOutput&) = delete;
  FileOutput& operator=(const FileOutput&) = delete;

  void write_line(std::string_view line) override;
  bool reopen() override;

 private:
  FileOutput(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  const std::string path_;
  std::mutex mutex_;  ///< between the log's thread and reopen(); no flow thread takes it
  int descriptor_;    ///< guarded by mutex_
};

}  // namespace patchbay::logging
