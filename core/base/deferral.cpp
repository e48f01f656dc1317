#include "base/deferral.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace patchbay::base {

namespace {

// A slot's state, read and changed by any thread: which generation of questions it is at, and how far this one is.
enum class Stage : uint64_t { closed = 0, open = 1, answered = 2 };

constexpr unsigned kStageBits = 2;

constexpr uint64_t state_of(uint64_t generation, Stage stage) {
  return (generation << kStageBits) | static_cast<uint64_t>(stage);
}

constexpr uint64_t generation_of(uint64_t state) {
  return state >> kStageBits;
}

}  // namespace

struct Deferrals::Slot {
  std::atomic<uint64_t> state{state_of(1, Stage::closed)};
  Deferrals* table = nullptr;
  Pending* pending = nullptr;  // null while reserved only
  TokenWatcher* watcher = nullptr;
  Timer deadline;
  Verdict fallback;
  uint32_t index = 0;
  uint32_t next_free = kNoSlot;
};

struct Deferrals::Chunk {
  std::array<Slot, kChunkSlots> slots;
};

/// An accepted answer on its way to the asker's shard.
class Deferrals::Completion final : public Mail {
 public:
  Completion(Deferrals& table, Token token, Verdict verdict) : table_(table), token_(token), verdict_(verdict) {}
  ~Completion() override { dispose(verdict_); }
  void run() override {
    Verdict verdict = std::exchange(verdict_, Verdict{});
    table_.deliver(token_, verdict);
  }

 private:
  Deferrals& table_;
  Token token_;
  Verdict verdict_;
};

void Pending::cancel() {
  if (deferrals_ != nullptr) deferrals_->cancel(token_);
}

Deferrals::Deferrals(ShardServices& services, uint32_t maximum_open)
    : services_(services),
      maximum_open_(std::min(maximum_open, kMaximumOpen)),
      chunks_(new std::atomic<Chunk*>[(maximum_open_ + kChunkSlots - 1) / kChunkSlots] {}) {}

Deferrals::~Deferrals() {
  PATCHBAY_ASSERT(open_count_ == 0);
  for (uint32_t chunk = 0; chunk * kChunkSlots < slot_count_; ++chunk) delete chunks_[chunk].load();
}

Deferrals::Slot* Deferrals::find(Token token) const {
  if (token.shard() != services_.id || token.generation() == 0 || token.slot() >= maximum_open_) return nullptr;
  Chunk* chunk = chunks_[token.slot() / kChunkSlots].load(std::memory_order_acquire);
  return chunk == nullptr ? nullptr : &chunk->slots[token.slot() % kChunkSlots];
}

bool Deferrals::grow() {
  if (slot_count_ >= maximum_open_) return false;
  auto* chunk = new Chunk;
  // From the back, so that the first slots are used first.
  for (uint32_t i = std::min(kChunkSlots, maximum_open_ - slot_count_); i-- > 0;) {
    Slot& slot = chunk->slots[i];
    slot.table = this;
    slot.index = slot_count_ + i;
    slot.next_free = std::exchange(free_, slot.index);
    slot.deadline.bind([](void* owner) { static_cast<Slot*>(owner)->table->expire(*static_cast<Slot*>(owner)); },
                       &slot);
  }
  chunks_[slot_count_ / kChunkSlots].store(chunk, std::memory_order_release);
  slot_count_ += kChunkSlots;
  return true;
}

Token Deferrals::reserve() {
  if (free_ == kNoSlot && !grow()) return {};
  Slot& slot = chunks_[free_ / kChunkSlots].load(std::memory_order_relaxed)->slots[free_ % kChunkSlots];
  free_ = slot.next_free;
  ++open_count_;
  const uint64_t generation = generation_of(slot.state.load(std::memory_order_relaxed));
  slot.state.store(state_of(generation, Stage::open), std::memory_order_release);
  return Token::make(services_.id, generation, slot.index);
}

void Deferrals::tell_watcher(Slot& slot, TokenEnd end, Verdict& verdict) {
  TokenWatcher* watcher = std::exchange(slot.watcher, nullptr);
  if (watcher == nullptr) return;
  const uint64_t generation = generation_of(slot.state.load(std::memory_order_relaxed));
  watcher->token_ended(Token::make(services_.id, generation, slot.index), end, verdict);
}

void Deferrals::close(Slot& slot) {
  const uint64_t state = slot.state.load(std::memory_order_relaxed);
  if (slot.watcher != nullptr) {
    Verdict none;
    const bool answered = state == state_of(generation_of(state), Stage::answered);
    tell_watcher(slot, answered ? TokenEnd::unheard : TokenEnd::cancelled, none);
  }
  uint64_t generation = (generation_of(state) + 1) & Token::kGenerationMask;
  if (generation == 0) generation = 1;
  slot.state.store(state_of(generation, Stage::closed), std::memory_order_release);
  slot.deadline.stop();
  if (slot.pending != nullptr) slot.pending->deferrals_ = nullptr;
  slot.pending = nullptr;
  dispose(slot.fallback);
  slot.next_free = std::exchange(free_, slot.index);
  --open_count_;
}

void Deferrals::release(Token token) {
  Slot* slot = find(token);
  PATCHBAY_ASSERT(slot != nullptr && generation_of(slot->state.load()) == token.generation());
  close(*slot);
}

void Deferrals::watch(Token token, TokenWatcher& watcher) {
  Slot* slot = find(token);
  PATCHBAY_ASSERT(slot != nullptr && generation_of(slot->state.load()) == token.generation());
  slot->watcher = &watcher;
}

bool Deferrals::commit(Token token, Pending& pending, uint32_t deadline_ms, Verdict fallback) {
  PATCHBAY_ASSERT(!pending.open());
  fold_counters();
  if (!token) {
    dispose(fallback);
    return false;
  }
  Slot* slot = find(token);
  PATCHBAY_ASSERT(slot != nullptr && slot->pending == nullptr &&
                  generation_of(slot->state.load()) == token.generation());
  slot->pending = &pending;
  slot->fallback = fallback;
  pending.deferrals_ = this;
  pending.token_ = token;
  services_.start(slot->deadline, std::clamp<uint32_t>(deadline_ms, 1, kMaximumDeadlineMs));
  services_.count(Counter::deferral_opened);
  return true;
}

Token Deferrals::open(uint32_t deadline_ms, Verdict fallback, Pending& pending) {
  const Token token = reserve();
  if (!commit(token, pending, deadline_ms, fallback)) count_refused();
  return token;
}

CompletionStatus Deferrals::complete(Token token, Verdict verdict) {
  Slot* slot = find(token);
  if (slot == nullptr) {
    dispose(verdict);
    return CompletionStatus::invalid;
  }
  // Whoever moves the state from open wins; every other answer, and the deadline, finds it moved on.
  uint64_t expected = state_of(token.generation(), Stage::open);
  if (!slot->state.compare_exchange_strong(expected, state_of(token.generation(), Stage::answered),
                                           std::memory_order_acq_rel, std::memory_order_acquire)) {
    dispose(verdict);
    stale_.fetch_add(1, std::memory_order_relaxed);
    return CompletionStatus::stale;
  }
  services_.mailbox->post(std::make_unique<Completion>(*this, token, verdict));
  return CompletionStatus::accepted;
}

void Deferrals::answer(Slot& slot, Verdict verdict, TokenEnd end) {
  Pending& pending = *slot.pending;
  tell_watcher(slot, end, verdict);
  close(slot);
  pending.callback_(pending.owner_, verdict);
}

void Deferrals::deliver(Token token, Verdict& verdict) {
  fold_counters();
  Slot* slot = find(token);
  const bool current = generation_of(slot->state.load(std::memory_order_relaxed)) == token.generation();
  if (!current || slot->pending == nullptr) {
    dispose(verdict);  // the asker is gone, or the hook answered at once as well
    return;
  }
  // How an answer was lost is ours to say, not the answerer's.
  verdict.flags = static_cast<uint16_t>(verdict.flags & ~Verdict::is_fallback);
  answer(*slot, verdict, TokenEnd::answered);
}

void Deferrals::expire(Slot& slot) {
  uint64_t expected = slot.state.load(std::memory_order_relaxed);
  expected = state_of(generation_of(expected), Stage::open);
  if (!slot.state.compare_exchange_strong(expected, state_of(generation_of(expected), Stage::answered),
                                          std::memory_order_acq_rel, std::memory_order_relaxed)) {
    return;  // an answer was accepted in time and is in the mailbox
  }
  services_.count(Counter::deferral_timeout);
  Verdict late = std::exchange(slot.fallback, Verdict{});
  late.flags |= Verdict::is_fallback;
  answer(slot, late, TokenEnd::late);
}

void Deferrals::cancel(Token token) {
  Slot* slot = find(token);
  close(*slot);
}

void Deferrals::fold_counters() {
  const uint64_t stale = stale_.load(std::memory_order_relaxed);
  if (stale == stale_folded_) return;
  services_.count(Counter::deferral_stale, stale - stale_folded_);
  stale_folded_ = stale;
}

void Deferrals::count_refused() {
  services_.count(Counter::deferral_refused);
}

void Deferrals::log_missing_answer(std::string_view entry, bool late) {
  uint64_t suppressed = 0;
  if (!limiter_.allow(services_.now_ms, suppressed)) return;
  log(LogArea::hooks, LogLevel::warning,
      late ? "no answer in time: the fallback applies" : "no answer: the fallback applies",
      {{"entry", entry}, {"lines_suppressed", suppressed}});
}

CompletionStatus CompletionRouter::complete(Token token, Verdict verdict) const {
  Deferrals* table =
      token && token.shard() < kMaximumShards ? tables_[token.shard()].load(std::memory_order_acquire) : nullptr;
  if (table != nullptr) return table->complete(token, verdict);
  dispose(verdict);
  return CompletionStatus::invalid;
}

void CompletionRouter::watch(Token token, TokenWatcher& watcher) const {
  tables_[token.shard()].load(std::memory_order_acquire)->watch(token, watcher);
}

}  // namespace patchbay::base
