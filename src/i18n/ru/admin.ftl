# Страница для тех, кто ведёт сервер.
admin-title = Управление
admin-assemblies = Собрания
admin-assembly-new = Новое собрание
admin-assembly-body = Ведомство, которое за него отвечает
admin-assembly-body-hint = Внесённые сюда инициативы обращены к нему, если автор не выберет другое.
admin-assembly-no-body = Нет
admin-assembly-create = Создать собрание
admin-bodies = Ведомства
admin-bodies-none = Ведомств пока нет.
admin-body-new = Новое ведомство
admin-body-create = Создать ведомство
admin-handle = Имя в адресе
admin-handle-hint = От 2 до 30 знаков: латинские буквы a–z, цифры и _. Получится @имя@{ $host }, изменить его нельзя.
admin-name = Название
