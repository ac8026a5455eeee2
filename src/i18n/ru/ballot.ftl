# Опросы в федиверсе.
ballot-wire-title = Голосование: { $question }
ballot-wire-notice = Опрос, ни к чему не обязывает. Об инициативе:
ballot-wire-ends = Открыт до { $moment }.
ballot-notice = Опрос, ни к чему не обязывает.
ballot-result-title = Итог опроса «{ $question }»
ballot-result-nobody = Никто не проголосовал.
ballot-result-option = { $option }: { $fediverse } из федиверса, { $registered } с учётных записей здесь
ballot-result-voters = Проголосовавшие: { $fediverse } из федиверса, { $registered } с учётными записями здесь. Они считаются отдельно.
ballot-late = { $n ->
    [one] Опоздал { $n } голос.
    [few] Опоздали { $n } голоса.
   *[many] Опоздали { $n } голосов.
}
ballot-second = { $n ->
    [one] { $n } лишний выбор там, где можно только один.
    [few] { $n } лишних выбора там, где можно только один.
   *[many] { $n } лишних выборов там, где можно только один.
}
ballot-refused = { $n ->
    [one] { $n } голос за то, чего в опросе нет.
    [few] { $n } голоса за то, чего в опросе нет.
   *[many] { $n } голосов за то, чего в опросе нет.
}
ballots-title = Опросы
ballot-by = Открыл:
ballot-open = Открыт
ballot-closed = Закрыт
ballot-until = До
ballot-since = Закрыт
ballot-counting = Голоса подсчитываются.
ballot-one = Один вариант
ballot-several = Несколько вариантов
ballot-fediverse = Из федиверса
ballot-registered = Учётные записи здесь
ballot-voters = { $n ->
    [one] { $n } проголосовавший
    [few] { $n } проголосовавших
   *[many] { $n } проголосовавших
}
ballot-votes = { $n ->
    [one] { $n } голос
    [few] { $n } голоса
   *[many] { $n } голосов
}
ballot-hidden = Голоса будут показаны, когда опрос закроется.
ballot-reported = По данным { $host }
ballot-unreported = { $host } ещё не сообщил голоса.
ballot-verdicts = Голоса, которые не считаются
ballot-whole = Подробнее и голосование
ballot-vote = Проголосовать
ballot-vote-title = Ваш голос
ballot-vote-hint = Голос нельзя отозвать или изменить. Кто за что голосовал, не показывается никому.
ballot-vote-elsewhere = Ваш голос уйдёт с вашим именем на { $host }, который его посчитает.
ballot-voted = Вы проголосовали:
ballot-sign-in = Войдите, чтобы проголосовать здесь, или голосуйте со своего сервера.
ballot-new = Открыть опрос
ballot-question = Вопрос
ballot-question-hint = Одна строка, не больше 150 знаков.
ballot-options = Варианты
ballot-options-hint = По одному в строке, от 2 до 20, не больше 50 знаков каждый.
ballot-choices = Выбор
ballot-length = Открыт в течение
ballot-length-hours = { $n ->
    [one] { $n } часа
    [few] { $n } часов
   *[many] { $n } часов
}
ballot-length-days = { $n ->
    [one] { $n } дня
    [few] { $n } дней
   *[many] { $n } дней
}
ballot-tallies = Голоса
ballot-tallies-shown = видны, пока опрос открыт
ballot-tallies-hidden = скрыты до конца
ballot-new-lead = Опрос сразу объявляется всем. После этого в нём ничего нельзя изменить.
ballot-close = Закрыть сейчас
ballot-remove = Удалить
ballot-remove-lead = Опрос удаляется для всех. Останется след, а голоса с решениями по ним сохранятся, но не показываются никому.
