# The page for those who run the instance.
admin-title = Administration
admin-assemblies = Assemblies
admin-assembly-new = New assembly
admin-assembly-body = Body that answers for it
admin-assembly-body-hint = Initiatives brought here are addressed to it, unless their author chooses another.
admin-assembly-no-body = None
admin-assembly-create = Make the assembly
admin-bodies = Bodies
admin-bodies-none = There is no body yet.
admin-body-new = New body
admin-body-create = Make the body
admin-handle = Handle
admin-handle-hint = 2 to 30 letters a–z, digits and _. It becomes @handle@{ $host } and cannot be changed.
admin-name = Name
