#include "operations/traces.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "package/durable_file.h"

namespace patchbay::operations {

namespace {

constexpr const char* kTracesList = "traces.json";
constexpr size_t kTracesListMax = 8u << 20;

void log_trace_error(std::string_view what, const std::string& error) {
  base::log(base::LogArea::admin, base::LogLevel::error, what, {{"error", error}});
}

}  // namespace

Traces::Traces(const OperationsEnvironment& environment, WorkQueue& queue)
    : environment_(environment), queue_(queue), folder_(environment.data_dir / "trace") {}

TraceStatus Traces::status_of(const TraceSpec& spec) const {
  const uint64_t now_s = environment_.clock.unix_ms() / 1000;
  if (now_s >= spec.end_unix_s) return TraceStatus::stopped;
  return now_s < spec.start_unix_s ? TraceStatus::waiting : TraceStatus::running;
}

std::shared_ptr<TraceFile> Traces::open_file(const TraceSpec& spec) const {
  std::error_code ignored;
  if (std::filesystem::create_directories(folder_, ignored))
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, ignored);
  return std::make_shared<TraceFile>(folder_ / ("trace_" + spec.name + ".log"), spec.format, spec.payload);
}

void Traces::publish() {
  const std::lock_guard order(publishing_);
  const auto view = std::make_shared<TraceView>(queue_, environment_.clock, dropped_);
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, trace] : traces_) {
      trace.running = status_of(trace.spec) == TraceStatus::running;
      if (trace.running) view->add(trace.spec, trace.file);
    }
  }
  environment_.change_chains([view](plugin_bridge::ChainPublisher& chains) { TraceView::listen(view, chains); });
}

void Traces::keep() const {
  std::vector<TraceSpec> specs;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, trace] : traces_) specs.push_back(trace.spec);
  }
  const auto written = package::write_durably(folder_ / kTracesList, traces_to_json(specs));
  if (!written) log_trace_error("the list of traces cannot be kept", written.error());
}

base::Result<bool, std::string> Traces::load() {
  const std::filesystem::path path = folder_ / kTracesList;
  if (!std::filesystem::exists(path)) return true;
  const auto text = package::read_whole(path, kTracesListMax);
  if (!text) return base::fail(text.error());
  const auto specs = traces_from_json(*text);
  if (!specs) return base::fail(path.string() + ": " + specs.error());
  bool any_runs = false;
  {
    const std::lock_guard lock(mutex_);
    for (const TraceSpec& spec : *specs) {
      if (traces_.size() >= kTracesMax) break;
      traces_.emplace(spec.name, Trace{spec, open_file(spec)});
      any_runs = any_runs || status_of(spec) == TraceStatus::running;
    }
  }
  if (any_runs) publish();
  return true;
}

base::Result<TraceSpec, Traces::Problem> Traces::add(TraceSpec spec) {
  auto valid = checked(std::move(spec));
  if (!valid) return base::fail(Problem{Refusal::invalid, valid.error()});
  {
    const std::lock_guard lock(mutex_);
    if (traces_.find(valid->name) != traces_.end())
      return base::fail(Problem{Refusal::exists, "there is a trace " + valid->name + " already"});
    if (traces_.size() >= kTracesMax)
      return base::fail(Problem{Refusal::full, "at most " + std::to_string(kTracesMax) + " traces"});
    auto file = open_file(*valid);
    if (!file->is_open()) return base::fail(Problem{Refusal::no_file, "no file can be made in " + folder_.string()});
    traces_.emplace(valid->name, Trace{*valid, std::move(file)});
  }
  publish();
  keep();
  return std::move(valid).value();
}

bool Traces::stop(std::string_view name) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = traces_.find(name);
    if (found == traces_.end()) return false;
    TraceSpec& spec = found->second.spec;
    const uint64_t now_s = environment_.clock.unix_ms() / 1000;
    spec.end_unix_s = std::min(spec.end_unix_s, now_s);
    spec.start_unix_s = std::min(spec.start_unix_s, spec.end_unix_s - 1);
  }
  publish();
  keep();
  return true;
}

bool Traces::remove(std::string_view name) {
  std::shared_ptr<TraceFile> file;
  {
    const std::lock_guard lock(mutex_);
    const auto found = traces_.find(name);
    if (found == traces_.end()) return false;
    file = found->second.file;
    traces_.erase(found);
  }
  publish();
  file->remove();
  keep();
  return true;
}

void Traces::clear() {
  std::map<std::string, Trace, std::less<>> gone;
  {
    const std::lock_guard lock(mutex_);
    gone.swap(traces_);
  }
  if (gone.empty()) return;
  publish();
  for (const auto& [name, trace] : gone) trace.file->remove();
  keep();
}

Traces::Report Traces::report_of(const Trace& trace) const {
  return {trace.spec, status_of(trace.spec), trace.file->size(), trace.file->dropped_lines()};
}

std::vector<Traces::Report> Traces::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<Report> reports;
  for (const auto& [name, trace] : traces_) reports.push_back(report_of(trace));
  return reports;
}

std::optional<Traces::Report> Traces::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = traces_.find(name);
  if (found == traces_.end()) return std::nullopt;
  return report_of(found->second);
}

std::optional<Traces::Part> Traces::read(std::string_view name, uint64_t position, size_t bytes) const {
  std::shared_ptr<TraceFile> file;
  {
    const std::lock_guard lock(mutex_);
    const auto found = traces_.find(name);
    if (found == traces_.end()) return std::nullopt;
    file = found->second.file;
  }
  Part part;
  part.text = file->read(position, bytes);
  part.position = position + part.text.size();
  return part;
}

void Traces::tick() {
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    changed = std::any_of(traces_.begin(), traces_.end(), [this](const auto& entry) {
      return entry.second.running != (status_of(entry.second.spec) == TraceStatus::running);
    });
  }
  if (changed) publish();
}

}  // namespace patchbay::operations
